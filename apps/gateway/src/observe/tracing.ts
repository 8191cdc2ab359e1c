import {
  type Context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { type Call, type Middleware, RawJson, RawObject, ToolyardError } from '@toolyard/protocol';

import { knownMethod } from './known-method.ts';

const tracer = trace.getTracer('toolyard');

/** Whether spans go anywhere: whoever wants them registers a provider of OpenTelemetry before the gateway starts. */
export function isTracing(): boolean {
  return isSpanContextValid(tracer.startSpan('toolyard').spanContext());
}

/**
 * A span for each call but subscriptions, below the one that the caller names in `_meta` (`traceparent`, SEP-414), else in its headers, and above whatever the server makes of it: its own place is
 * written there before the call goes on. `server`: the one that is called; without it, what clients ask of the gateway. Attributes as in OpenTelemetry's semantic conventions for MCP.
 */
export function traced(server?: string): Middleware {
  const kind = server === undefined ? SpanKind.SERVER : SpanKind.CLIENT;
  return (next) => async (call) => {
    // One that stays open for days would be seen by nobody before that.
    if (call.method === 'subscriptions/listen') return next(call);
    const parent = propagation.extract(ROOT_CONTEXT, carrierOf(call));
    const tool = call.method === 'tools/call' ? call.params.string('name') : undefined;
    const method = knownMethod(call.method);
    const attributes = {
      'mcp.method.name': call.method.slice(0, 128),
      ...(tool !== undefined && { 'gen_ai.tool.name': tool.slice(0, 128) }),
      ...(server !== undefined && { 'toolyard.server': server }),
    };
    const span = tracer.startSpan(
      tool === undefined ? method : `${method} ${tool.slice(0, 128)}`,
      { kind, attributes },
      parent,
    );
    try {
      return await next(placed(call, trace.setSpan(parent, span)));
    } catch (error) {
      const code = ToolyardError.is(error) ? error.code : 'INTERNAL';
      span.setAttribute('error.type', code);
      span.setStatus({ code: SpanStatusCode.ERROR, message: code });
      throw error;
    } finally {
      span.end();
    }
  };
}

const keys = ['traceparent', 'tracestate'] as const;

/** Has servers told of the trace that a caller named in its headers, where `_meta` names none and no spans are wanted here. */
export const carriedOn: Middleware = (next) => (call) => {
  const { trace, params } = call;
  if (trace === undefined || call.method === 'subscriptions/listen') return next(call);
  const meta = params.object('_meta') ?? RawObject.empty;
  if (meta.has('traceparent')) return next(call);
  const told = meta.patch({
    traceparent: RawJson.of(trace.traceparent),
    tracestate: trace.tracestate === undefined ? undefined : RawJson.of(trace.tracestate),
  });
  return next({ ...call, params: params.with('_meta', told) });
};

/** What `_meta` says counts before the headers. */
function carrierOf({ params, trace: inHeaders }: Call): Record<string, string> {
  const meta = params.object('_meta');
  if (inHeaders !== undefined && meta?.has('traceparent') !== true) return { ...inHeaders };
  const carrier: Record<string, string> = {};
  for (const key of keys) {
    const value = meta?.string(key);
    if (value !== undefined) carrier[key] = value;
  }
  return carrier;
}

function placed(call: Call, context: Context): Call {
  const carrier: Record<string, string> = {};
  propagation.inject(context, carrier);
  // Whoever propagates in another way says nothing here, and what the caller said stays.
  if (carrier['traceparent'] === undefined) return call;
  const { traceparent, tracestate } = carrier;
  const meta = (call.params.object('_meta') ?? RawObject.empty).patch({
    traceparent: RawJson.of(traceparent),
    tracestate: tracestate === undefined ? undefined : RawJson.of(tracestate),
  });
  return { ...call, params: call.params.with('_meta', meta) };
}
