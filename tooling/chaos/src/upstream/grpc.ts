import { constants, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Journal } from './journal.ts';
import { servePipe, type Wire } from './pipes.ts';
import type { Era } from './replies.ts';

const path = '/toolyard.mcp.v1.Mcp/Connect';
const block = Buffer.alloc(1024 * 1024, 'x');
/** gRPC's own header of a message: whether it is compressed, and its length. */
const frameHeadBytes = 5;
const jsonTag = 0x0a;
/** Of gRPC: INTERNAL. */
const internal = '13';

/** Plain gRPC over HTTP/2, one stream a client. Resolves with the port. */
export function serveGrpc(era: Era, port: number, journal: Journal): Promise<number> {
  const server = createServer();
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
    let status = headers[':path'] === path ? '0' : '12';
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
    if (status !== '0') return void stream.end();
    const served = servePipe(
      era,
      wireOf(stream, (given) => (status = given)),
      journal,
    );
    const read = frames((message) => served.message(jsonOf(message).toString()));
    stream.on('data', read);
    stream.on('end', () => stream.end());
    stream.on('close', () => served.over());
  });
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function wireOf(stream: ServerHttp2Stream, end: (status: string) => void): Wire {
  const write = (bytes: Buffer): void => {
    if (!stream.destroyed && !stream.writableEnded) stream.write(bytes);
  };
  const send = (message: string | Buffer): void => write(frame(encoded(Buffer.from(message))));
  const session = (): ServerHttp2Session | undefined => stream.session as ServerHttp2Session | undefined;
  return {
    send,
    // What is sent next is read as the rest of it.
    sendPart(part) {
      const bytes = Buffer.from(part);
      const whole = encoded(Buffer.concat([bytes, Buffer.alloc(bytes.length)]));
      write(frame(whole).subarray(0, frameHeadBytes + whole.length - bytes.length));
    },
    trickle(message) {
      for (const byte of frame(encoded(Buffer.from(message)))) write(Buffer.of(byte));
    },
    flood(bytes) {
      let left = bytes;
      const more = (): void => {
        while (left > 0 && !stream.destroyed) {
          left -= block.length;
          if (!stream.write(block)) return void stream.once('drain', more);
        }
      };
      write(frameHead(bytes));
      more();
    },
    noise: () => void session()?.ping(() => undefined),
    cut: () => session()?.destroy(),
    own: {
      reset: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
      'go-away': (_, answer) => {
        session()?.goaway(constants.NGHTTP2_NO_ERROR);
        answer();
      },
      'bad-status': () => {
        end(internal);
        stream.end();
      },
      // Compressed, it says.
      'bad-frame': (body) => write(Buffer.concat([Buffer.of(1), frame(encoded(Buffer.from(body))).subarray(1)])),
      // A field that is longer than what there is.
      'bad-proto': (body) => write(frame(Buffer.concat([Buffer.of(jsonTag, 0xff, 0xff, 0x7f), Buffer.from(body)]))),
    },
  };
}

function frameHead(length: number): Buffer {
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUInt32BE(length, 1);
  return head;
}

function frame(message: Buffer): Buffer {
  return Buffer.concat([frameHead(message.length), message]);
}

/** As protobuf: field 1, its length, the JSON. */
function encoded(json: Buffer): Buffer {
  const length: number[] = [];
  let rest = json.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.of(jsonTag, ...length, rest), json]);
}

function jsonOf(message: Buffer): Buffer {
  let at = 1;
  while ((message[at] ?? 0) > 0x7f) at++;
  return message.subarray(at + 1);
}

/** Puts the messages of a gRPC stream together again. */
function frames(take: (message: Buffer) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= frameHeadBytes) {
      const end = frameHeadBytes + pending.readUInt32BE(1);
      if (pending.length < end) return;
      take(pending.subarray(frameHeadBytes, end));
      pending = pending.subarray(end);
    }
  };
}
