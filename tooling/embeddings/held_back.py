"""Writes the held-back requests and their tools as two labelled sets, `OUT/everyday` and `OUT/technical`, as `toolyard eval` reads them."""

import json
import sys
from pathlib import Path

from asked_tools import is_held_back, read

TECHNICAL = {"functions", "operations"}


def lines(values: list[dict]) -> str:
    return "".join(f"{json.dumps(value)}\n" for value in values)


def labelled_set(files: list[Path]) -> tuple[list[dict], list[dict]]:
    """Of tools that have one name the first counts."""
    tools, queries = {}, []
    for file in files:
        for tool in read(file):
            if tool.name in tools:
                continue
            properties = {parameter: {"type": "string"} for parameter in tool.parameters}
            name = f"{file.stem}__{tool.name}"
            tools[tool.name] = {
                "id": name, "server": file.stem, "name": tool.name, "description": tool.description,
                "inputSchema": {"type": "object", "properties": properties},
            }
            queries += [{"id": f"{name}-{at}", "query": request, "relevant": [name]} for at, request in enumerate(tool.requests)]
    return list(tools.values()), queries


if __name__ == "__main__":
    out = Path(sys.argv[1])
    files = [file for file in sorted((Path(__file__).parent / "requests").glob("*/*.txt")) if is_held_back(file)]
    for name, technical in ("everyday", False), ("technical", True):
        tools, queries = labelled_set([file for file in files if (file.parent.name in TECHNICAL) == technical])
        (out / name).mkdir(parents=True, exist_ok=True)
        (out / name / "tools.jsonl").write_text(lines(tools), "utf8")
        (out / name / "queries.jsonl").write_text(lines(queries), "utf8")
        print(f"{name}: {len(tools)} tools, {len(queries)} requests")
