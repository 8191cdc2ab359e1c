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
import { sampleLines } from '../log/sample-lines.ts';
import { knownMethod } from './known-method.ts';

/** Of failures with one code at one server in a minute; those that concern no server have 20 for each code. */
const maxLines = 20;

export interface RequestLog extends Disposable {
  /** Around what clients call: gives each call its id, and tells of each how it ended. */
  readonly door: Middleware;
  /** Around the service of one server; tells at `debug` only. */
  upstream(server: string): Middleware;
}

/**
 * A line for each request: at `debug` where it was answered, else at the level of what went wrong. Unless the log is written from `debug` on, failures are sampled, with
 * a line for how many were left out. Neither arguments nor results are in it, nor what a server says about a failure: all that may be confidential.
 */
export function createRequestLog(log: Logger): RequestLog {
  /** Told apart from those of other gateways whose lines end up in the same place. */
  const prefix = randomBytes(3).toString('hex');
  const idOf = (number: number): string => `${prefix}-${number.toString(36)}`;
  let last = 0;
  const sample = sampleLines(maxLines);
  const isLeftOut = ({ level, code, server }: Kind): boolean => {
    const group = server === undefined ? code : `${code} ${server}`;
    const who = server === undefined ? {} : { server };
    const whose = server === undefined ? '' : `${server}: `;
    return !sample.may(group, (leftOut) =>
      log[level]({ code, ...who, leftOut }, `${whose}${code}: ${leftOut} more in this minute, left out`),
    );
  };
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
        const kind = kindOf(error);
        const { level } = kind;
        if (!log.isLevelEnabled(level) || (!log.isLevelEnabled('debug') && isLeftOut(kind))) return;
        const { facts, words } = describe(error);
        log[level]({ ...about(idOf(number), call, beganMs), ...facts }, said(call, words));
      };
      if (!log.isLevelEnabled('debug')) return whenSettled(() => next(call), undefined, failed);
      const answered = ({ result }: Reply): void =>
        log.debug({ ...about(idOf(number), call, beganMs), bytes: result.bytes.length }, said(call, 'answered'));
      return whenSettled(() => next({ ...call, requestId: idOf(number) }), answered, failed);
    },
    upstream: (server) => (next) => (call) => (log.isLevelEnabled('debug') ? atServer(server, next, call) : next(call)),
    [Symbol.dispose]: () => sample[Symbol.dispose](),
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

interface Kind {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly code: string;
  readonly server: string | undefined;
}

function kindOf(error: unknown): Kind {
  if (!ToolyardError.is(error)) return { level: 'error', code: 'INTERNAL', server: undefined };
  return { level: levelOf(error), code: error.code, server: serverOf(error) };
}

function describe(error: unknown): { readonly facts: object; readonly words: string } {
  if (!ToolyardError.is(error)) return { facts: { code: 'INTERNAL', err: error }, words: 'failed' };
  const { code } = error;
  const server = serverOf(error);
  const facts = { code, ...(server !== undefined && { server }) };
  return { facts, words: `${code} ${wordsOf(error)}`.trimEnd() };
}

function serverOf({ facts }: ToolyardError): string | undefined {
  return 'upstream' in facts ? facts.upstream : undefined;
}

/** Whose matter it is: of nobody, of the caller, or of who runs the gateway. */
function levelOf({ code }: ToolyardError): Kind['level'] {
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
