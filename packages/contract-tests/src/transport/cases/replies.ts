import { RawObject, ToolyardError } from '@toolyard/protocol';
import type { Call } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import { codedError, echo, link, makeCall, textOf, textReply, toolCall } from '../kit.ts';
import type { TransportRig } from '../rig.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const oddResult =
  '{"resultType":"complete","content":[{"type":"text","text":"\\u00e9é\\/ \\ud83d\\ude80","unknown":{"b":1.0,"a":[1e400,-0,9007199254740993,0.10,1E+2]}},' +
  '{"type":"hologram","voxels":[]}],"isError":false,"unknownMember":null,"__proto__":{"x":1},"":"",' +
  '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"far","version":"1"},"example.org/x":1.50}}';
const oddArguments =
  '{"n":1.0,"big":9007199254740993,"huge":1e400,"text":"\\u00e9é\\/","__proto__":{"x":1},"constructor":[],"\\u0061":1}';
const oddError =
  '{"code":-32000,"message":"no","data":{"n":1.0,"big":9007199254740993,"text":"\\u00e9"},"unknown":[1E2]}';

/** What comes back is what was sent. */
export const replies: Cases<TransportRig> = {
  'a result reaches the caller byte for byte': async (rig) => {
    await using linked = await link(rig, async () => ({ result: RawObject.read(utf8(oddResult)) }));
    const { result } = await linked.connection.service(toolCall('odd'));
    expect(result.text).toBe(oddResult);
  },

  'arguments reach the service byte for byte, with what it does not know in params and _meta': async (rig) => {
    let seen: Call | undefined;
    await using linked = await link(rig, async (call) => {
      seen = call;
      return textReply('');
    });
    const params = RawObject.read(
      utf8(`{"name":"odd","arguments":${oddArguments},"unknown":1.0,"_meta":{"example.org/x":1.50}}`),
    );
    await linked.connection.service(makeCall('tools/call', params));
    expect(seen?.params.member('arguments')?.text).toBe(oddArguments);
    expect(seen?.params.member('unknown')?.text).toBe('1.0');
    expect(seen?.params.object('_meta')?.member('example.org/x')?.text).toBe('1.50');
  },

  'an error of a server reaches the caller byte for byte': async (rig) => {
    await using linked = await link(rig, async () => {
      throw new ToolyardError('UPSTREAM_ERROR', { upstream: 'far', error: RawObject.read(utf8(oddError)) }, 'no');
    });
    const error = await codedError(linked.connection.service(toolCall('fails')));
    expect(ToolyardError.is(error, 'UPSTREAM_ERROR') && error.facts.error.text).toBe(oddError);
  },

  'a coded error of the service reaches the caller with its JSON-RPC code and its facts': async (rig) => {
    await using linked = await link(rig, async () => {
      throw new ToolyardError('TOOL_UNKNOWN', { tool: 'x', nearest: ['y'] }, 'There is no tool "x".');
    });
    const error = await codedError(linked.connection.service(toolCall('x')));
    expect(ToolyardError.is(error, 'UPSTREAM_ERROR') && error.facts.error.value).toEqual({
      code: -32602,
      message: 'There is no tool "x".',
      data: { code: 'TOOL_UNKNOWN', tool: 'x', nearest: ['y'] },
    });
  },

  'what a service throws by accident reaches the caller as an internal error that tells nothing': async (rig) => {
    await using linked = await link(rig, async () => {
      throw new Error('password: hunter2');
    });
    const error = await codedError(linked.connection.service(toolCall('x')));
    expect(ToolyardError.is(error, 'UPSTREAM_ERROR') && error.facts.error.member('code')?.value).toBe(-32603);
    expect(ToolyardError.is(error, 'UPSTREAM_ERROR') && error.facts.error.text).not.toContain('hunter2');
  },

  'who calls, with what capabilities and what wish for logs, reaches the service': async (rig) => {
    let seen: Call | undefined;
    await using linked = await link(rig, async (call) => {
      seen = call;
      return textReply('');
    });
    const caller = {
      principal: 'p',
      tenant: 't',
      clientInfo: RawObject.of({ name: 'far client', version: '9' }),
      capabilities: RawObject.of({ elicitation: { form: {} } }),
    };
    await linked.connection.service(toolCall('x', {}, { caller, logLevel: 'warning' }));
    expect(seen?.caller.clientInfo?.value).toEqual({ name: 'far client', version: '9' });
    expect(seen?.caller.capabilities.value).toEqual({ elicitation: { form: {} } });
    expect(seen?.logLevel).toBe('warning');
  },

  'a mebibyte travels in both directions': async (rig) => {
    await using linked = await link(rig, echo);
    const text = 'é\n"\\'.repeat(200_000);
    const { result } = await linked.connection.service(toolCall('echo', { text }));
    expect(JSON.parse(textOf(result))).toEqual({ text });
  },

  'params and results that are spread over lines arrive whole': async (rig) => {
    await using linked = await link(rig, async ({ params }) => ({
      result: RawObject.read(
        utf8(`{\n  "resultType": "complete",\r\n  "content": [],\n  "seen": ${params.member('arguments')?.text}\n}`),
      ),
    }));
    const params = RawObject.read(utf8('{\n  "name": "lines",\r\n  "arguments": {\n    "a": "x\\ny"\n  }\n}'));
    const { result } = await linked.connection.service(makeCall('tools/call', params));
    expect(result.member('seen')?.value).toEqual({ a: 'x\ny' });
  },
};
