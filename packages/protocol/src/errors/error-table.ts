import type { ErrorCode } from './error-facts.ts';

/** How an error looks to a caller. */
export interface ErrorRow {
  /** `error.code` of the JSON-RPC response. Those of our own lie outside -32768..-32000, which JSON-RPC and MCP keep for themselves. */
  readonly jsonRpcCode: number;
  /** Status of the HTTP response, where the response has not begun yet. */
  readonly httpStatus: number;
  /** One line for the reference page. */
  readonly meaning: string;
}

/**
 * The one place that says what becomes of each code on the wire; docs/errors.md is its reference page. Numbers are public: add, never change.
 *
 * What the specification names has its code and status (basic/transports/streamable-http, schema). A call that was well formed and failed on the way is answered
 * with 200: the exchange with this endpoint succeeded, clients look for the JSON-RPC error in a 200, and a proxy in front must not
 * take a tool call for something that is safe to send again, as some do on 502, 503 and 504.
 */
export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = {
  PARSE_ERROR: {
    jsonRpcCode: -32700,
    httpStatus: 400,
    meaning: 'The message is not JSON in UTF-8, or is nested too deep.',
  },
  INVALID_REQUEST: {
    jsonRpcCode: -32600,
    httpStatus: 400,
    meaning: 'The message is JSON but no JSON-RPC message that MCP allows.',
  },
  MESSAGE_TOO_LARGE: {
    jsonRpcCode: 1001,
    httpStatus: 413,
    meaning: 'The message is larger than this endpoint accepts.',
  },
  META_MISSING: {
    jsonRpcCode: -32602,
    httpStatus: 400,
    meaning: 'A member of `_meta` that every request needs is missing.',
  },
  HEADER_MISMATCH: {
    jsonRpcCode: -32020,
    httpStatus: 400,
    meaning: 'A header is missing, malformed, or says something else than the body.',
  },
  VERSION_UNSUPPORTED: { jsonRpcCode: -32022, httpStatus: 400, meaning: 'The protocol version is not spoken here.' },
  CAPABILITY_REQUIRED: {
    jsonRpcCode: -32021,
    httpStatus: 400,
    meaning: 'The request needs a client capability that it did not declare.',
  },
  METHOD_UNKNOWN: {
    jsonRpcCode: -32601,
    httpStatus: 404,
    meaning: 'The method does not exist, or its capability is not offered.',
  },
  INVALID_PARAMS: { jsonRpcCode: -32602, httpStatus: 200, meaning: 'The params do not fit the method.' },
  TOOL_UNKNOWN: { jsonRpcCode: -32602, httpStatus: 200, meaning: 'There is no tool of this name for this caller.' },
  PROMPT_UNKNOWN: { jsonRpcCode: -32602, httpStatus: 200, meaning: 'There is no prompt of this name for this caller.' },
  RESOURCE_UNKNOWN: {
    jsonRpcCode: -32602,
    httpStatus: 200,
    meaning: 'There is no resource at this URI for this caller.',
  },
  CURSOR_INVALID: {
    jsonRpcCode: -32602,
    httpStatus: 200,
    meaning: 'The cursor was not given out here, or is no longer good: begin with the first page.',
  },
  STATE_INVALID: {
    jsonRpcCode: -32602,
    httpStatus: 200,
    meaning:
      'The `requestState` was not given out here, was altered, has expired or was used, or its call waits at another node.',
  },
  UNAUTHENTICATED: { jsonRpcCode: 1101, httpStatus: 401, meaning: 'The credentials are missing or not valid.' },
  ORIGIN_REJECTED: { jsonRpcCode: 1102, httpStatus: 403, meaning: 'The page that asks is not allowed to (`Origin`).' },
  HOST_REJECTED: { jsonRpcCode: 1103, httpStatus: 403, meaning: 'The endpoint does not go by this name (`Host`).' },
  SESSION_UNKNOWN: {
    jsonRpcCode: 1104,
    httpStatus: 404,
    meaning: 'The session has ended or never was: initialize anew.',
  },
  EVENTS_GONE: {
    jsonRpcCode: 1111,
    httpStatus: 410,
    meaning: 'What came after this `Last-Event-ID` is not kept any more: the reply to its call is lost.',
  },
  NOT_FOUND: { jsonRpcCode: 1105, httpStatus: 404, meaning: 'There is nothing at this path.' },
  METHOD_NOT_ALLOWED: { jsonRpcCode: 1106, httpStatus: 405, meaning: 'The path does not answer this HTTP method.' },
  MEDIA_TYPE_UNSUPPORTED: {
    jsonRpcCode: 1107,
    httpStatus: 415,
    meaning: 'The body is of another type than the endpoint reads; 406 where it is `Accept` that does not fit.',
  },
  CALLER_TOO_SLOW: {
    jsonRpcCode: 1108,
    httpStatus: 200,
    meaning: 'The caller read its replies so slowly that the call was given up.',
  },
  TOO_MANY_CALLS: { jsonRpcCode: 1109, httpStatus: 429, meaning: 'The caller has as many calls in flight as it may.' },
  QUESTION_FAILED: {
    jsonRpcCode: 1110,
    httpStatus: 200,
    meaning: 'The server behind asked back, and the client could not be asked or did not answer.',
  },
  UPSTREAM_ERROR: {
    jsonRpcCode: 1200,
    httpStatus: 200,
    meaning:
      'The server behind answered with an error, which is relayed as it came, its own code included; the status follows that code.',
  },
  UPSTREAM_UNREACHABLE: {
    jsonRpcCode: 1201,
    httpStatus: 200,
    meaning: 'The server behind could not be reached; the call was not sent.',
  },
  UPSTREAM_TIMEOUT: { jsonRpcCode: 1202, httpStatus: 200, meaning: 'The server behind did not answer in time.' },
  UPSTREAM_CLOSED: {
    jsonRpcCode: 1203,
    httpStatus: 200,
    meaning: 'The server behind went away while the call was with it; it may have acted on it.',
  },
  UPSTREAM_MALFORMED: {
    jsonRpcCode: 1204,
    httpStatus: 200,
    meaning: 'The server behind answered something that is not MCP.',
  },
  UPSTREAM_STATUS: {
    jsonRpcCode: 1205,
    httpStatus: 200,
    meaning: 'The server behind answered with an HTTP status that is no answer.',
  },
  UPSTREAM_BUSY: {
    jsonRpcCode: 1206,
    httpStatus: 200,
    meaning: 'The server behind has as many calls in flight as it may; the call was not sent.',
  },
  UPSTREAM_BREAKER_OPEN: {
    jsonRpcCode: 1207,
    httpStatus: 200,
    meaning: 'The server behind has failed so often of late that it is left alone for a while; the call was not sent.',
  },
  PROCESS_LIMIT: {
    jsonRpcCode: 1208,
    httpStatus: 200,
    meaning: 'A process was needed for the server behind, and as many run as may; the call was not sent.',
  },
  TOOL_DOCUMENT_INVALID: { jsonRpcCode: 1401, httpStatus: 200, meaning: 'A tool cannot be taken into the index.' },
  EMBEDDER_FAILED: {
    jsonRpcCode: 1402,
    httpStatus: 200,
    meaning: 'The model that turns texts into vectors did not answer, or not with what was asked for.',
  },
  VECTOR_INVALID: {
    jsonRpcCode: 1403,
    httpStatus: 200,
    meaning: 'A vector has another length, a number that is none, or no direction.',
  },
  INDEX_INVALID: {
    jsonRpcCode: 1404,
    httpStatus: 200,
    meaning: 'A stored index is damaged, or was made by another model or version.',
  },
  INDEX_FULL: { jsonRpcCode: 1405, httpStatus: 200, meaning: 'The index has no room for another vector.' },
  CANCELLED: { jsonRpcCode: 1301, httpStatus: 200, meaning: 'The call was cancelled.' },
  CLOSED: { jsonRpcCode: 1302, httpStatus: 503, meaning: 'What would have taken the call is closed.' },
  TRANSPORT_UNKNOWN: { jsonRpcCode: 1303, httpStatus: 200, meaning: 'No transport reaches this kind of target.' },
  CONFIG_INVALID: {
    jsonRpcCode: 1304,
    httpStatus: 200,
    meaning: 'The configuration has mistakes; all of them are listed.',
  },
  START_FAILED: {
    jsonRpcCode: 1305,
    httpStatus: 200,
    meaning:
      'Servers that have to come up did not, so nothing was started; or new instances of one did not, so the old ones go on.',
  },
  SERVER_UNKNOWN: { jsonRpcCode: 1307, httpStatus: 404, meaning: 'There is no server of this id.' },
  DOMAIN_UNSERVED: {
    jsonRpcCode: 1308,
    httpStatus: 200,
    meaning: 'No server of this domain answered, or none has it.',
  },
  GATHER_FAILED: {
    jsonRpcCode: 1309,
    httpStatus: 200,
    meaning: 'A server did not answer, and all of them had to.',
  },
  PACKAGE_MISSING: {
    jsonRpcCode: 1306,
    httpStatus: 200,
    meaning: 'An optional package is not installed, or has no build for this machine.',
  },
  INTERNAL: { jsonRpcCode: -32603, httpStatus: 500, meaning: 'Something went wrong on this side; its log has more.' },
};
