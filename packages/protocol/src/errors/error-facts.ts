import type { RawObject } from '../wire/raw-object.ts';

/**
 * Every code with the facts that go with it. Codes are public: add, never rename.
 * Facts reach the caller (`error.data`), so they never hold credentials, paths of this machine or another caller's data.
 */
export interface ErrorFacts {
  // What came in was wrong.
  PARSE_ERROR: { readonly offset: number };
  INVALID_REQUEST: { readonly reason: string; readonly offset?: number };
  MESSAGE_TOO_LARGE: { readonly limitBytes: number };
  META_MISSING: { readonly key: string };
  HEADER_MISMATCH: { readonly header: string; readonly reason: string };
  VERSION_UNSUPPORTED: { readonly requested: string; readonly supported: readonly string[] };
  CAPABILITY_REQUIRED: { readonly requiredCapabilities: Readonly<Record<string, unknown>> };
  METHOD_UNKNOWN: { readonly method: string };
  INVALID_PARAMS: { readonly reason: string };
  TOOL_UNKNOWN: { readonly tool: string; readonly nearest: readonly string[] };
  PROMPT_UNKNOWN: { readonly prompt: string; readonly nearest: readonly string[] };
  RESOURCE_UNKNOWN: { readonly uri: string };
  CURSOR_INVALID: Readonly<Record<never, never>>;
  STATE_INVALID: { readonly reason: string };
  // The door.
  UNAUTHENTICATED: { readonly reason: string };
  ORIGIN_REJECTED: { readonly origin: string };
  HOST_REJECTED: { readonly host: string };
  SESSION_UNKNOWN: Readonly<Record<never, never>>;
  EVENTS_GONE: Readonly<Record<never, never>>;
  NOT_FOUND: { readonly path: string };
  METHOD_NOT_ALLOWED: { readonly method: string };
  MEDIA_TYPE_UNSUPPORTED: { readonly header: string; readonly expected: string };
  CALLER_TOO_SLOW: { readonly limitBytes: number };
  TOO_MANY_CALLS: { readonly limit: number };
  /** A server asked back in the middle of a call, and this client could not be asked or did not answer. */
  QUESTION_FAILED: { readonly method: string; readonly reason: string };
  // The way to a server.
  /** The upstream answered with a JSON-RPC error: `error` is relayed verbatim. */
  UPSTREAM_ERROR: { readonly upstream: string; readonly error: RawObject };
  /** `exit`: where its process ended by itself, how: "exited with code 3", "was ended by SIGKILL". */
  UPSTREAM_UNREACHABLE: { readonly upstream: string; readonly exit?: string };
  UPSTREAM_TIMEOUT: { readonly upstream: string; readonly method: string; readonly afterMs: number };
  /** `exit`: likewise. */
  UPSTREAM_CLOSED: { readonly upstream: string; readonly exit?: string };
  UPSTREAM_MALFORMED: { readonly upstream: string; readonly reason: string };
  UPSTREAM_STATUS: { readonly upstream: string; readonly status: number };
  /** `retryInMs`: where it can be told, when there may be room. */
  UPSTREAM_BUSY: { readonly upstream: string; readonly limit: number; readonly retryInMs?: number };
  UPSTREAM_BREAKER_OPEN: { readonly upstream: string; readonly retryInMs: number };
  /** `limit`: of all processes, of those of this server, or of those that wait to be started. */
  PROCESS_LIMIT: { readonly upstream: string; readonly limit: number };
  // Tool search.
  /** A tool that an index cannot take in. */
  TOOL_DOCUMENT_INVALID: { readonly tool: string; readonly reason: string };
  /** The model behind an embedder did not answer, or not with what was asked for. */
  EMBEDDER_FAILED: { readonly embedder: string; readonly reason: string };
  /** A vector of another length, with a number that is none, or without a direction. */
  VECTOR_INVALID: { readonly reason: string };
  /** Stored vectors or a stored index that were not made for what reads them, or are damaged. */
  INDEX_INVALID: { readonly reason: string };
  /** What an index holds may take this much memory, and one more does not fit. */
  INDEX_FULL: { readonly limitBytes: number };
  // This side.
  CANCELLED: { readonly reason?: string };
  CLOSED: { readonly what: string };
  TRANSPORT_UNKNOWN: { readonly target: string; readonly known: readonly string[] };
  CONFIG_INVALID: { readonly problems: readonly ConfigProblem[] };
  /** Servers that had to come up and did not; `code` says why. */
  START_FAILED: { readonly failures: readonly Fault[] };
  /** No server of this id is deployed; `known`: the first 100 that are. */
  SERVER_UNKNOWN: { readonly server: string; readonly known: readonly string[] };
  /** No server of this domain answered; `tried`: the first 100 of them, and why each did not. `known`: the first 100 domains there are. */
  DOMAIN_UNSERVED: { readonly domain: string; readonly tried: readonly Fault[]; readonly known: readonly string[] };
  /** All servers had to answer; this is the first that did not, and `code` says why. */
  GATHER_FAILED: { readonly server: string; readonly code: string };
  /** An optional package that has to be installed for this, or has no build for this machine. */
  PACKAGE_MISSING: { readonly package: string };
  INTERNAL: Readonly<Record<never, never>>;
}

export type ErrorCode = keyof ErrorFacts;

/** A server, and the code of what it failed with. */
export interface Fault {
  readonly server: string;
  readonly code: string;
}

/** One thing that is wrong in a configuration file. */
export interface ConfigProblem {
  /** From 1; 0 where the file as a whole is meant. */
  readonly line: number;
  readonly column: number;
  /** Where in the document: `servers.files.command`. */
  readonly path: string;
  /** What was found, and what would be right. */
  readonly message: string;
}
