"""Uses a gateway with the official Python client: `client.py <url> <legacy|2026-07-28>`. Prints one line of JSON a finding, `true` or what went wrong."""

import asyncio
import json
import sys

import mcp_types as types
from mcp import Client


async def accept(_context, _params):
    return types.ElicitResult(action="accept", content={"name": "Alice"})


async def sample(_context, _params):
    text = types.TextContent(type="text", text="Paris")
    return types.CreateMessageResult(role="assistant", content=text, model="none")


def texts(result):
    return [block.text for block in result.content]


def report(finding, seen, wanted):
    print(json.dumps({"finding": finding, "passed": seen == wanted, "seen": seen}, default=str), flush=True)


async def main(url, mode):
    steps = []

    async def progress(done, total, _message):
        steps.append([done, total])

    client = Client(url, mode=mode, elicitation_callback=accept, sampling_callback=sample, read_timeout_seconds=20)
    async with client:
        report("speaks the revision", client.protocol_version, "2025-11-25" if mode == "legacy" else mode)
        tools = [tool.name for tool in (await client.list_tools()).tools]
        report("lists tools", "test_simple_text" in tools, True)
        called = await client.call_tool("test_simple_text")
        report("calls a tool", texts(called), ["This is a simple text response for testing."])
        failed = await client.call_tool("test_error_handling")
        report("is told that a tool failed", failed.is_error, True)
        await client.call_tool("test_tool_with_progress", progress_callback=progress)
        report("is told the progress", steps, [[0, 100], [50, 100], [100, 100]])
        greeted = await client.call_tool("test_input_required_result_elicitation")
        report("answers a question of the server", texts(greeted), ["Hello, Alice!"])
        sampled = await client.call_tool("test_input_required_result_sampling")
        report("samples for the server", "Paris" in texts(sampled)[0], True)
        prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
        report("lists prompts", "test_prompt_with_arguments" in prompts, True)
        prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})
        report("gets a prompt", prompt.messages[0].content.text, "Prompt with arguments: arg1='a', arg2='b'")
        resources = [str(resource.uri) for resource in (await client.list_resources()).resources]
        report("lists resources", "test://static-text" in resources, True)
        read = await client.read_resource("test://static-text")
        report("reads a resource", read.contents[0].text, "This is the content of the static text resource.")
        templates = [one.uri_template for one in (await client.list_resource_templates()).resource_templates]
        report("lists templates", templates, ["test://template/{id}/data"])


asyncio.run(main(sys.argv[1], sys.argv[2]))
