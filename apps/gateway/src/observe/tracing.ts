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
 * A span for each call, below the one that the caller names in `_meta` (`traceparent`, SEP-414), and above whatever the server makes of it: its own place is
 * written there before the call goes on. `server`: the one that is called; without it, what clients ask of the gateway. Attributes as in OpenTelemetry's semantic conventions for MCP.
 */
export function traced(server?: string): Middleware {
  const kind = server === undefined ? SpanKind.SERVER : SpanKind.CLIENT;
  return (next) => async (call) => {
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

function carrierOf({ params }: Call): Record<string, string> {
  const meta = params.object('_meta');
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
  let meta = call.params.object('_meta') ?? RawObject.empty;
  for (const key of keys) {
    const value = carrier[key];
    if (value !== undefined) meta = meta.with(key, RawJson.of(value));
  }
  return { ...call, params: call.params.with('_meta', meta) };
}
