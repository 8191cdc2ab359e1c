// the seam
export type { Middleware, Service } from './service.ts';
export { compose } from './service.ts';
export { whenSettled } from './when-settled.ts';
export type { Teller, Told } from './teller.ts';
export { createTeller } from './teller.ts';
export { readMethods } from './read-methods.ts';
export type { Call, Caller, LogLevel, Notification, TraceContext } from './call.ts';
export { logLevels } from './call.ts';
export type { CallOptions } from './create-call.ts';
export { createCall } from './create-call.ts';
export { withGrowingProgress } from './eras/channel/growing-progress.ts';
export type { Reply } from './reply.ts';
export type { MessageId, Pipe, PipeReceiver } from './pipe.ts';
export type {
  CommandTarget,
  Connection,
  ConnectOptions,
  Listener,
  Peer,
  ProcessLimits,
  ServeOptions,
  Target,
  Transport,
  UrlTarget,
} from './transport.ts';

// errors
export type { ConfigProblem, ErrorCode, ErrorFacts } from './errors/error-facts.ts';
export type { NumberRule } from './errors/check-numbers.ts';
export {
  checkNumbers,
  countOf,
  expectedNumber,
  isNumberOf,
  longestTimerMs,
  millisecondsFrom,
} from './errors/check-numbers.ts';
export { ToolyardError } from './errors/toolyard-error.ts';
export type { ErrorRow } from './errors/error-table.ts';
export { errorTable } from './errors/error-table.ts';
export type { WireError } from './errors/wire-error.ts';
export { toWireError } from './errors/wire-error.ts';

// wire
export { RawJson } from './wire/raw-json.ts';
export type { RawValue } from './wire/raw-object.ts';
export { RawObject, elements, rawArray, readJson } from './wire/raw-object.ts';
export type {
  Envelope,
  ErrorEnvelope,
  NotificationEnvelope,
  RequestEnvelope,
  ResultEnvelope,
} from './wire/envelope.ts';
export { readEnvelope, salvageId } from './wire/envelope.ts';
export type { WireLimits } from './wire/limits.ts';
export { encodeError, encodeNotification, encodeRequest, encodeResult } from './wire/encode.ts';
export { idKey } from './wire/message-id.ts';

// headers
export type { HeaderLookup } from './headers/header-names.ts';
export { headerNames, paramHeaderPrefix } from './headers/header-names.ts';
export { decodeHeaderValue, encodeHeaderValue } from './headers/header-value.ts';
export { standardHeaders } from './headers/standard-headers.ts';
export type { HeaderParam, HeaderParams } from './headers/header-params.ts';
export { readHeaderParams } from './headers/header-params.ts';
export { checkParamHeaders, paramHeaders } from './headers/param-headers.ts';
export { HostRule, isLoopback, loopbackHosts, OriginRule } from './headers/origins.ts';
export type { CheckedMeta } from './eras/modern/ladder.ts';
export { checkNotification, checkRequest } from './eras/modern/ladder.ts';
export { requestEra } from './eras/request-era.ts';

// cache
export type {
  CacheEntry,
  CacheInvalidation,
  CacheKey,
  CacheRead,
  CacheStats,
  CacheStore,
  CacheStoreEvent,
  KeptEntry,
} from './cache/cache-store.ts';

// tool search
export type { Embedder, TextRole } from './search/embedder.ts';
export type { Neighbour, SlotSet, VectorIndex } from './search/vector-index.ts';

// schemas
export type { Checked, Prompt, Resource, ResourceTemplate, Tool } from './schemas/list-items.ts';
export { checkPrompt, checkResource, checkResourceTemplate, checkTool } from './schemas/list-items.ts';

// eras: revisions and _meta
export type { Revision } from './eras/revisions.ts';
export { legacyRevisions, modernRevision, modernRevisions, newestLegacyRevision, revisions } from './eras/revisions.ts';
export type { RequestMeta } from './eras/modern/meta.ts';
export { metaKeys, readMeta, withMetaMember, withoutMetaMember, withServerInfo } from './eras/modern/meta.ts';

// eras: pipes
export type { PipeConnectOptions, PipeServeOptions, Serving } from './eras/pipe/pipe-options.ts';
export { connectPipe } from './eras/pipe/connect-pipe.ts';
export { servePipe } from './eras/pipe/serve-pipe.ts';
export { connectLegacy } from './eras/legacy/client/client.ts';
export { serveLegacy } from './eras/legacy/server/server.ts';
export type { Parking, ParkingOptions } from './eras/bridge/parking.ts';
export { createParking } from './eras/bridge/parking.ts';
export type { SessionPoolOptions } from './eras/legacy/client/sessions/session-pool-options.ts';
export type { TaskOptions } from './eras/legacy/client/tasks/task-options.ts';

// eras: HTTP
export type { HttpDoor } from './eras/http/http-door.ts';
export type { HttpDoorOptions } from './eras/http/http-door-options.ts';
export { httpDoor } from './eras/http/http-door.ts';
export type { EventStore, Replay, SessionEvents, StoredEvent } from './eras/legacy/http/events/event-store.ts';
export type { MemoryEventStoreOptions } from './eras/legacy/http/events/memory-event-store.ts';
export { memoryEventStore } from './eras/legacy/http/events/memory-event-store.ts';
export type { HttpConnectOptions } from './eras/http/connect-http.ts';
export { connectHttp } from './eras/http/connect-http.ts';
export type { Era, EraMemoryOptions } from './eras/era-memory.ts';
export { EraMemory } from './eras/era-memory.ts';
export type {
  HttpEvent,
  HttpExchange,
  HttpFailure,
  HttpHeaders,
  HttpInFlight,
  HttpReceiver,
  HttpRequest,
} from './eras/http/http-exchange.ts';
export type { HttpIncoming, HttpOutgoing, HttpOutgoingListener } from './eras/http/http-incoming.ts';
export { refuse } from './eras/http/http-refusal.ts';
export type { ToolHeaderLookup } from './eras/modern/http/http-door.ts';

// what transports are made of
export type { OpenItem } from './open-items.ts';
export { OpenItems } from './open-items.ts';
export { Room } from './room.ts';
export type { PatienceBounds } from './eras/channel/patience.ts';
export { Patience } from './eras/channel/patience.ts';

// memory
export type { PipePairOptions } from './memory/pipe-pair.ts';
export { createPipePair } from './memory/pipe-pair.ts';
export type { MemoryListener, MemoryServeOptions, MemoryTransport } from './memory/memory-transport.ts';
export { memoryTransport } from './memory/memory-transport.ts';

// supervise
export type { SupervisedConnection, SupervisedState, SuperviseClock, SuperviseOptions } from './supervise/supervise.ts';
export { supervise } from './supervise/supervise.ts';
export type { BackoffOptions } from './supervise/backoff.ts';
export { backoffMs } from './supervise/backoff.ts';
