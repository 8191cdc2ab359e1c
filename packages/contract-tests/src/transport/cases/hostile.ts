import { encodeNotification, RawObject } from '@toolyard/protocol';
import { expect } from 'vitest';
import type { Cases } from '../../contract.ts';
import {
  codedError,
  connectDefaults,
  discoverable,
  echo,
  rawEcho,
  rawRequest,
  rawServer,
  serveDefaults,
  textOf,
  textReply,
  toolCall,
  within,
} from '../kit.ts';
import type { RawServed, TransportRig } from '../rig.ts';

const meta =
  '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';

/** Nobody should ever take these for a message: neither a server that serves `evil`, nor a client. */
const malformed: Readonly<Record<string, string | Uint8Array>> = {
  'no JSON': 'Server listening on port 3000',
  'cut off': '{"jsonrpc":"2.0","id":1,"method":"evil"',
  'two values': '{"jsonrpc":"2.0","id":1,"method":"evil"}{}',
  'a number': '7',
  'a string': '"evil"',
  null: 'null',
  'an empty object': '{}',
  'an empty array': '[]',
  'no version': `{"id":1,"method":"evil","params":{${meta}}}`,
  'another version': `{"jsonrpc":"1.0","id":1,"method":"evil","params":{${meta}}}`,
  'the id null': `{"jsonrpc":"2.0","id":null,"method":"evil","params":{${meta}}}`,
  'an id that is an object': `{"jsonrpc":"2.0","id":{},"method":"evil","params":{${meta}}}`,
  'an id that is a fraction': `{"jsonrpc":"2.0","id":1.5,"method":"evil","params":{${meta}}}`,
  'a method that is a number': `{"jsonrpc":"2.0","id":1,"method":7,"params":{${meta}}}`,
  'params that are an array': '{"jsonrpc":"2.0","id":1,"method":"evil","params":[]}',
  'the method twice': `{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"evil","params":{${meta}}}`,
  'a single quote': "{'jsonrpc':'2.0','id':1,'method':'evil'}",
  'a trailing comma': `{"jsonrpc":"2.0","id":1,"method":"evil","params":{${meta}},}`,
  'a byte order mark': `\u{FEFF}{"jsonrpc":"2.0","id":1,"method":"evil","params":{${meta}}}`,
  'a raw control character': '{"jsonrpc":"2.0","id":1,"method":"evil\u0001","params":{}}',
  'nesting a hundred thousand deep': `{"jsonrpc":"2.0","id":1,"method":"evil","params":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},${meta}}}`,
  'bytes that are no UTF-8': Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d),
};

/** Answers that bear the right id, ID, and must still not count as one. */
const falseAnswers: Readonly<Record<string, string>> = {
  'a result that is a string': '{"jsonrpc":"2.0","id":ID,"result":"yes"}',
  'a result and an error': '{"jsonrpc":"2.0","id":ID,"result":{},"error":{"code":1,"message":"x"}}',
  'two results':
    '{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete"},"result":{"resultType":"complete","content":[]}}',
  'neither result nor error': '{"jsonrpc":"2.0","id":ID}',
  'an error that is a string': '{"jsonrpc":"2.0","id":ID,"error":"no"}',
  'no version': '{"id":ID,"result":{"resultType":"complete","content":[]}}',
  'a result that is cut off': '{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete","content":[',
  'another id': '{"jsonrpc":"2.0","id":"nobody-asked","result":{"resultType":"complete","content":[]}}',
  'a batch': '[{"jsonrpc":"2.0","id":ID,"result":{"resultType":"complete","content":[]}}]',
  'a lone surrogate as raw bytes': '{"jsonrpc":"2.0","id":ID,"result":{"text":"\xed\xa0\x80"}}',
  'nesting a hundred thousand deep': `{"jsonrpc":"2.0","id":ID,"result":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
};

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf8 = (message: string | Uint8Array): Uint8Array =>
  typeof message === 'string' ? new TextEncoder().encode(message) : message;

/** A call of the server is answered: over a connection of its own, since a transport may give up one that has brought garbage. */
async function expectUsable(rig: TransportRig, served: RawServed): Promise<void> {
  const connection = await rig.transport.connect(served.target, connectDefaults);
  expect(textOf((await connection.service(toolCall('fine', { n: 1 }))).result)).toBe('{"n":1}');
  await connection.close();
}

/** Calls of a server that answers with each of these end with a coded error, and those that it answers well go on ending well. */
async function expectCallsFail<M extends string | Uint8Array>(
  rig: TransportRig,
  answers: Readonly<Record<string, M>>,
  write: (answer: M, id: string) => Uint8Array,
): Promise<void> {
  let answer = (_id: string): Uint8Array => new Uint8Array();
  const served = await rig.listenRaw(
    rawServer((request, peer) => {
      if (request.params.string('name') === 'fine') rawEcho(request, peer);
      else peer.send(answer(request.id));
    }),
  );
  for (const [kind, message] of Object.entries(answers)) {
    answer = (id) => write(message, id);
    const connection = await rig.transport.connect(served.target, { ...connectDefaults, timeoutMs: 150 });
    const error = await codedError(connection.service(toolCall('odd')), 3_000);
    expect(['UPSTREAM_MALFORMED', 'UPSTREAM_TIMEOUT', 'UPSTREAM_CLOSED'], `${kind}: ${error.message}`).toContain(
      error.code,
    );
    await connection.close();
  }
  await expectUsable(rig, served);
}

/** Bytes from peers that are broken, or mean harm. */
export const hostile: Cases<TransportRig> = {
  'no malformed message of a client reaches the service, harms others, or is answered with anything but an error':
    async (rig) => {
      const methods: string[] = [];
      const service = discoverable(async (call) => {
        methods.push(call.method);
        return textReply('fine');
      });
      const served = await rig.listen(service, serveDefaults);
      for (const [kind, message] of Object.entries(malformed)) {
        const client = await rig.dialRaw(served);
        await client.send(utf8(message));
        await client.send(rawRequest(77, 'tools/call', { name: 'fine' }));
        for (
          let answer = await within(5_000, `an answer after ${kind}`, client.next());
          answer !== undefined;
          answer = await client.next()
        ) {
          const envelope = RawObject.read(answer);
          if (envelope.member('id')?.text === '77') {
            expect(envelope.has('result'), `the answer to the request after ${kind}`).toBe(true);
            break;
          }
          expect(typeof envelope.object('error')?.member('code')?.value, `the answer to ${kind}`).toBe('number');
        }
        client.drop();
      }
      expect(methods).not.toContain('evil');
      const connection = await rig.transport.connect(served.target, connectDefaults);
      expect(textOf((await connection.service(toolCall('fine'))).result)).toBe('fine');
      await connection.close();
      await served.close();
    },

  'a server that answers a call with garbage fails that call with a coded error, and goes on being usable': async (
    rig,
  ) => {
    await expectCallsFail(rig, malformed, utf8);
  },

  'an answer with the right id that is no JSON-RPC never counts as one': async (rig) => {
    await expectCallsFail(rig, falseAnswers, (message, id) => latin1(message.replace('ID', id)));
  },

  'a server that greets with garbage is refused or used, but never hangs who connects': async (rig) => {
    const greet = async (kind: string, message: string | Uint8Array): Promise<void> => {
      const served = await rig.listenRaw((_, peer) => peer.send(utf8(message)));
      const error = await codedError(
        rig.transport.connect(served.target, { ...connectDefaults, connectTimeoutMs: 600 }),
      );
      expect(
        ['UPSTREAM_MALFORMED', 'UPSTREAM_TIMEOUT', 'UPSTREAM_UNREACHABLE', 'UPSTREAM_STATUS'],
        `${kind}: ${error.message}`,
      ).toContain(error.code);
    };
    const kinds = Object.entries(malformed);
    while (kinds.length > 0) await Promise.all(kinds.splice(0, 8).map(([kind, message]) => greet(kind, message)));
  },

  'what nobody asked for, sent by a client, disturbs nothing': async (rig) => {
    const served = await rig.listen(discoverable(echo), serveDefaults);
    const client = await rig.dialRaw(served);
    await client.send(encodeNotification('notifications/cancelled', RawObject.of({ requestId: 4711 })));
    await client.send(encodeNotification('notifications/nonsense', RawObject.of({ a: 1 })));
    await client.send(rawRequest(5, 'tools/call', { name: 'x', arguments: { n: 1 } }));
    const answer = RawObject.read((await within(5_000, 'the answer', client.next())) ?? new Uint8Array());
    expect([answer.member('id')?.text, answer.has('result')]).toEqual(['5', true]);
    client.drop();
    await served.close();
  },

  'a method that is not known is refused with -32601 and nothing else happens': async (rig) => {
    const served = await rig.listen(discoverable(echo), serveDefaults);
    const client = await rig.dialRaw(served);
    await client.send(rawRequest(1, 'initialize', {}));
    const answer = RawObject.read((await within(5_000, 'the answer', client.next())) ?? new Uint8Array());
    expect(answer.object('error')?.member('code')?.value).toBe(-32601);
    client.drop();
    await served.close();
  },
};
