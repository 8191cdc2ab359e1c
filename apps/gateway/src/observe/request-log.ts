import { randomBytes } from 'node:crypto';

import {
  type Call,
  errorTable,
  type Middleware,
  type Reply,
  type Service,
  ToolyardError,
  whenSettled,
} from '@toolyard/protocol';

import { oneLine } from '../cli/table.ts';
import type { Logger } from '../log/logger.ts';
import { knownMethod } from './known-method.ts';

export interface RequestLog {
  /** Around what clients call: gives each call its id, and tells of each how it ended. */
  readonly door: Middleware;
  /** Around the service of one server; tells at `debug` only. */
  upstream(server: string): Middleware;
}

/**
 * A line for each request: at `debug` where it was answered, else at the level of what went wrong. Neither arguments nor results are in it, nor what a
 * server says about a failure: all that may be confidential.
 */
export function createRequestLog(log: Logger): RequestLog {
  /** Told apart from those of other gateways whose lines end up in the same place. */
  const prefix = randomBytes(3).toString('hex');
  const idOf = (number: number): string => `${prefix}-${number.toString(36)}`;
  let last = 0;
  const atServer = async (server: string, next: Service, call: Call): Promise<Reply> => {
    const beganMs = performance.now();
    const tell = (facts: object, words: string): void =>
      log.debug({ ...about(call.requestId, call, beganMs), server, ...facts }, `${server}: ${said(call, words)}`);
    try {
      const reply = await next(call);
      tell({}, 'answered');
      return reply;
    } catch (error) {
      const { facts, words } = describe(error);
      tell(facts, words);
      throw error;
    }
  };
  return {
    door: (next) => (call) => {
      const number = ++last;
      const beganMs = performance.now();
      const failed = (error: unknown): void => {
        const { level, facts, words } = describe(error);
        if (log.isLevelEnabled(level))
          log[level]({ ...about(idOf(number), call, beganMs), ...facts }, said(call, words));
      };
      if (!log.isLevelEnabled('debug')) return whenSettled(() => next(call), undefined, failed);
      const answered = ({ result }: Reply): void =>
        log.debug({ ...about(idOf(number), call, beganMs), bytes: result.bytes.length }, said(call, 'answered'));
      return whenSettled(() => next({ ...call, requestId: idOf(number) }), answered, failed);
    },
    upstream: (server) => (next) => (call) => (log.isLevelEnabled('debug') ? atServer(server, next, call) : next(call)),
  };
}

function about(request: string | undefined, call: Call, beganMs: number): object {
  const tool = toolOf(call);
  return {
    ...(request !== undefined && { request }),
    method: knownMethod(call.method),
    ...(tool !== undefined && { tool }),
    ms: Math.round((performance.now() - beganMs) * 10) / 10,
  };
}

function toolOf({ method, params }: Call): string | undefined {
  const name = method === 'tools/call' ? params.string('name') : undefined;
  return name === undefined ? undefined : oneLine(name, 128);
}

function said(call: Call, words: string): string {
  const tool = toolOf(call);
  const method = oneLine(call.method, 64);
  return `${tool === undefined ? method : `${method} ${tool}`}: ${words}`;
}

interface Described {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly facts: object;
  readonly words: string;
}

function describe(error: unknown): Described {
  if (!ToolyardError.is(error)) return { level: 'error', facts: { code: 'INTERNAL', err: error }, words: 'failed' };
  const { code, facts } = error;
  const server = 'upstream' in facts ? { server: facts.upstream } : {};
  return { level: levelOf(error), facts: { code, ...server }, words: `${code} ${wordsOf(error)}`.trimEnd() };
}

/** Whose matter it is: of nobody, of the caller, or of who runs the gateway. */
function levelOf({ code }: ToolyardError): Described['level'] {
  if (code === 'CANCELLED' || code === 'CLOSED') return 'debug';
  if (code === 'INTERNAL') return 'error';
  const { jsonRpcCode } = errorTable[code];
  // Numbers of JSON-RPC and the specification are for what a caller did wrong.
  return jsonRpcCode < 0 || code === 'UPSTREAM_ERROR' ? 'info' : 'warn';
}

function wordsOf(error: ToolyardError): string {
  if (!ToolyardError.is(error, 'UPSTREAM_ERROR')) return oneLine(error.message, 300);
  const number = error.facts.error.member('code')?.value;
  return typeof number === 'number' ? `with ${number}` : '';
}
