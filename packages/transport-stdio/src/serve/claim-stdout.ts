import { Writable } from 'node:stream';

export interface Claim {
  /** The one way to the real stdout while the claim holds. */
  readonly output: Writable;
  /** Gives stdout back. Safe to call twice. */
  release(): void;
}

/**
 * Takes stdout for the protocol: whatever else writes to it (`console.log` in some library) lands in `strays`, since one
 * foreign byte between two messages breaks the peer's framing.
 */
export function claimStdout(stdout: Writable, strays: Writable): Claim {
  const write = stdout.write.bind(stdout);
  const ownWrite = Object.getOwnPropertyDescriptor(stdout, 'write');
  const output = new Writable({
    highWaterMark: stdout.writableHighWaterMark,
    write: (chunk: Uint8Array, _encoding, done) => void write(chunk, 'utf8', done),
    writev: (chunks: { chunk: Uint8Array }[], done) =>
      void write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done),
  });
  const fail = (error: Error): void => void output.destroy(error);
  stdout.on('error', fail);
  stdout.write = strays.write.bind(strays);
  return {
    output,
    release: () => {
      if (ownWrite === undefined) Reflect.deleteProperty(stdout, 'write');
      else Object.defineProperty(stdout, 'write', ownWrite);
      stdout.off('error', fail);
    },
  };
}
