import { once } from 'node:events';
import { connect } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import type { Call } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';
import { echo, serverInfo, serviceOf, textReply } from './testing/calls.ts';
import { callTool, closeCode, dial, nextMessage } from './testing/raw-ws.ts';
import { wsTransport } from './transport.ts';

function recording(): { readonly service: ReturnType<typeof serviceOf>; readonly names: string[] } {
  const names: string[] = [];
  const take = (call: Call): ReturnType<typeof textReply> => {
    names.push(call.params.string('name') ?? '');
    return textReply('');
  };
  return { service: serviceOf({ small: take, evil: take }), names };
}

const serve = wsTransport().serve;

describe('a message', () => {
  it('is one text frame, byte for byte', async () => {
    await using listener = await serve(echo, { serverInfo });
    const socket = await dial(listener.address);
    socket.send(callTool(7, 'echo', { text: 'grüß dich' }));
    expect(await nextMessage(socket)).toEqual({
      text: '{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","content":[{"type":"text","text":"grüß dich"}],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"server","version":"1.0.0"}}}}',
      isBinary: false,
    });
    socket.terminate();
  });

  it('may come in fragments, with a ping between them', async () => {
    await using listener = await serve(echo, { serverInfo });
    const socket = await dial(listener.address);
    const pong = once(socket, 'pong');
    const bytes = Buffer.from(callTool(1, 'echo', { text: 'ä'.repeat(1_000) }));
    // Cut in the middle of a character.
    const cut = bytes.indexOf(Buffer.from('ä')) + 1;
    socket.send(bytes.subarray(0, cut), { binary: false, fin: false });
    socket.ping();
    await pong;
    socket.send(bytes.subarray(cut, cut + 1), { binary: false, fin: false });
    socket.send(bytes.subarray(cut + 1), { binary: false, fin: true });
    expect((await nextMessage(socket)).text).toContain('ä'.repeat(1_000));
    socket.terminate();
  });

  it('that is no JSON is answered with an error, and the socket stays', async () => {
    await using listener = await serve(echo, { serverInfo });
    const socket = await dial(listener.address);
    socket.send('hello');
    expect((await nextMessage(socket)).text).toContain('"code":-32700');
    socket.send(callTool(1, 'echo', { text: 'still here' }));
    expect((await nextMessage(socket)).text).toContain('still here');
    socket.terminate();
  });
});

describe('what is refused closes the socket with its code', () => {
  it('1003: a binary frame', async () => {
    const { service, names } = recording();
    await using listener = await serve(service, { serverInfo });
    const socket = await dial(listener.address);
    socket.send(Buffer.from(callTool(1, 'evil')), { binary: true });
    socket.send(callTool(2, 'evil'));
    expect(await closeCode(socket)).toBe(1003);
    expect(names).toEqual([]);
  });

  it('1007: text that is no UTF-8', async () => {
    await using listener = await serve(echo, { serverInfo });
    const socket = await dial(listener.address);
    socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect(await closeCode(socket)).toBe(1007);
  });

  it('1009: a message over the bound, also in fragments', async () => {
    const { service, names } = recording();
    await using listener = await serve(service, { serverInfo, maxMessageBytes: 1_000 });
    const whole = await dial(listener.address);
    whole.send(callTool(1, 'evil', { text: 'x'.repeat(1_000) }));
    expect(await closeCode(whole)).toBe(1009);
    const parts = await dial(listener.address);
    parts.send(callTool(1, 'evil').slice(0, -1), { fin: false });
    parts.send('x'.repeat(900), { fin: false });
    expect(await closeCode(parts)).toBe(1009);
    const small = await dial(listener.address);
    small.send(callTool(1, 'small'));
    await nextMessage(small);
    expect(names).toEqual(['small']);
    small.terminate();
  });

  it('1009: a message over the bound of 4 MiB that nobody set, as soon as its length is told', async () => {
    await using listener = await serve(echo, { serverInfo });
    const socket = await dial(listener.address);
    socket.send(Buffer.alloc(4 * 1_048_576 + 1, 0x20), { binary: false });
    expect(await closeCode(socket)).toBe(1009);
  });

  it('1008: a message in tens of thousands of fragments', async () => {
    await using listener = await serve(echo, { serverInfo });
    const socket = await dial(listener.address);
    const code = closeCode(socket);
    for (let n = 0; n < 20_000; n++) socket.send('x', { fin: false });
    expect(await code).toBe(1008);
  });

  it.each([
    ['without a mask', [0x81, 0x02, 0x7b, 0x7d]],
    ['compressed though nobody agreed on it', [0xc1, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]],
    ['with an opcode that means nothing', [0x83, 0x80, 0, 0, 0, 0]],
    ['that is a ping of 126 bytes', [0x89, 0xfe, 0x00, 0x7e, 0, 0, 0, 0]],
  ])('1002: a frame %s', async (_, frame) => {
    await using listener = await serve(echo, { serverInfo });
    const socket = connect(Number(new URL(listener.address).port), '127.0.0.1');
    socket.write(
      'GET /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mcp\r\n\r\n',
    );
    await once(socket, 'data');
    socket.write(Buffer.from(frame));
    const event: unknown[] = await once(socket, 'data');
    expect(event[0]).toEqual(Buffer.from([0x88, 0x02, 0x03, 0xea]));
    socket.destroy();
  });
});

describe('compression', () => {
  it('is agreed on only where both want it, and changes nothing else', async () => {
    const ws = wsTransport({ perMessageDeflate: true });
    await using listener = await ws.serve(echo, { serverInfo });
    const socket = await dial(listener.address, { perMessageDeflate: true });
    expect(socket.extensions).toBe('permessage-deflate');
    socket.send(callTool(1, 'echo', { text: 'x'.repeat(100_000) }));
    expect((await nextMessage(socket)).text).toContain('x'.repeat(100_000));
    socket.terminate();
    const plain = await dial(listener.address);
    expect(plain.extensions).toBe('');
    plain.terminate();
  });

  it('does not get a bomb past the bound: 1009 after as many bytes', async () => {
    const ws = wsTransport({ perMessageDeflate: true });
    await using listener = await ws.serve(echo, { serverInfo, maxMessageBytes: 100_000 });
    const bomb = deflateRawSync(Buffer.alloc(50_000_000, 0x20));
    expect(bomb.length).toBeLessThan(100_000);
    const socket = await dial(listener.address, { perMessageDeflate: true });
    socket.send(' '.repeat(50_000_000));
    expect(await closeCode(socket)).toBe(1009);
  });
});
