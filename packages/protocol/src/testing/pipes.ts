import { createPipePair } from '../memory/pipe-pair.ts';
import type { Pipe } from '../pipe.ts';
import { wireEnd, type WireEnd } from './wire-end.ts';

/** A source of pipes for `connectPipe`, whose far ends the test plays. */
export interface PipeSource {
  readonly open: () => Promise<Pipe>;
  /** Far ends of the pipes that were opened, in their order. */
  readonly ends: readonly WireEnd[];
  /** The far end of the n-th pipe, from 0, as soon as it is opened. */
  end(n?: number): Promise<WireEnd>;
}

export function pipeSource(): PipeSource {
  const ends: WireEnd[] = [];
  const opened: ((end: WireEnd) => void)[] = [];
  return {
    ends,
    open() {
      const [near, far] = createPipePair();
      const end = wireEnd(far);
      ends.push(end);
      opened[ends.length - 1]?.(end);
      return Promise.resolve(near);
    },
    end: (n = 0) => {
      const end = ends[n];
      return end === undefined ? new Promise((resolve) => (opened[n] = resolve)) : Promise.resolve(end);
    },
  };
}

export const discoverResult =
  '"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}';

export const unknownMethod = '"error":{"code":-32601,"message":"Method not found"}';

export function initializeResult(capabilities = '{}', revision = '2025-11-25'): string {
  return `"result":{"protocolVersion":"${revision}","capabilities":${capabilities},"serverInfo":{"name":"old","version":"1"}}`;
}
