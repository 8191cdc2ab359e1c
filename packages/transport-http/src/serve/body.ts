import type { IncomingMessage } from 'node:http';

/** Collects a body. `done` is called once: with the bytes, or with `too-large` as soon as that is sure; not at all where the client goes away first. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Uint8Array | 'too-large') => void,
): void {
  if (Number(request.headers['content-length']) > maxBytes) return done('too-large');
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let size = 0;
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > maxBytes) {
      request.off('data', take);
      request.off('end', finish);
      done('too-large');
    } else if (first === undefined) first = chunk;
    else (more ??= [first]).push(chunk);
  };
  const finish = (): void => done(more === undefined ? (first ?? empty) : Buffer.concat(more, size));
  request.on('data', take);
  request.on('end', finish);
}

const empty = new Uint8Array(0);
