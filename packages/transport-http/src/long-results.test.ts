import { RawObject } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { connectOptions, serviceOf } from './testing/calls.ts';
import { serve } from './testing/listeners.ts';
import { ask, modernRequest, type RawRequest } from './testing/raw-http.ts';
import { httpTransport } from './transport.ts';

/** A result of so many bytes, spelled as no `JSON.stringify` would. */
function longResult(bytes: number): string {
  const head = '{ "resultType":"complete","n":1.0e+2,"content":[{"type":"text","text":"';
  const tail = '\\u00e9\\/é"}],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"far","version":"1"}}}';
  const unit = 'a line, \\"quoted\\"\\n';
  const room = bytes - Buffer.byteLength(head + tail);
  return `${head}${unit.repeat(room / unit.length)}${'x'.repeat(room % unit.length)}${tail}`;
}

const service = serviceOf({
  long: (call) => ({ result: RawObject.read(Buffer.from(longResult(sizeOf(call.params)))) }),
});

function sizeOf(params: RawObject): number {
  return Number(params.object('arguments')?.member('bytes')?.value);
}

function longCall(bytes: number): RawRequest {
  return modernRequest('tools/call', { name: 'long', arguments: { bytes } });
}

const sizes = [1_000, 32_768, 32_769, 200_000, 3_000_000];

describe('a result of any length is answered byte for byte', () => {
  it.each(sizes)('%i bytes', async (bytes) => {
    await using listener = await serve(service);
    const answer = await ask(listener.address, longCall(bytes));
    const expected = `{"jsonrpc":"2.0","id":1,"result":${longResult(bytes)}}`;
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(expected)));
    expect(answer.body === expected).toBe(true);
  });

  it.each(sizes)('%i bytes, to a request that came in chunks', async (bytes) => {
    await using listener = await serve(service);
    const request = longCall(bytes);
    const answer = await ask(listener.address, {
      ...request,
      headers: { ...request.headers, 'transfer-encoding': 'chunked' },
    });
    expect(answer.body === `{"jsonrpc":"2.0","id":1,"result":${longResult(bytes)}}`).toBe(true);
  });

  it.each(sizes)('%i bytes, as an event where the client takes nothing else', async (bytes) => {
    await using listener = await serve(service);
    const request = longCall(bytes);
    const answer = await ask(listener.address, {
      ...request,
      headers: { ...request.headers, accept: 'text/event-stream' },
    });
    const expected = `event: message\ndata: {"jsonrpc":"2.0","id":1,"result":${longResult(bytes)}}\n\n`;
    expect(answer.body === expected).toBe(true);
  });

  it.each(sizes)('%i bytes, of a server that is far away', async (bytes) => {
    await using far = await serve(service);
    await using connection = await httpTransport().connect({ url: far.address }, connectOptions);
    await using listener = await serve(connection.service);
    const answer = await ask(listener.address, longCall(bytes));
    expect(answer.body === `{"jsonrpc":"2.0","id":1,"result":${longResult(bytes)}}`).toBe(true);
  });
});
