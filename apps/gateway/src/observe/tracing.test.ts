import { propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { type Call, createCall, RawObject, type Service, ToolyardError } from '@toolyard/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { carriedOn, isTracing, traced } from './tracing.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const spans = new InMemorySpanExporter();

function recording(): { readonly service: Service; readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    calls,
    service(call) {
      calls.push(call);
      return Promise.resolve({ result: RawObject.of({}) });
    },
  };
}

// Before the others: a tracer keeps the first provider that it finds.
it('is seen to be wanted by nobody where no provider is registered', () => {
  expect(isTracing()).toBe(false);
});

describe('where spans are wanted', () => {
  beforeEach(() => {
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  });
  afterEach(() => {
    trace.disable();
    propagation.disable();
    spans.reset();
  });

  it('each call has one, in the trace of its caller, and the server is told of it', async () => {
    expect(isTracing()).toBe(true);
    const { service, calls } = recording();
    const params = { name: 'echo', _meta: { traceparent, tracestate: 'a=b', other: 1 } };
    await traced()(traced('files')(service))(createCall('tools/call', { params }));
    const [upstream, door] = spans.getFinishedSpans();
    expect(door).toMatchObject({ name: 'tools/call echo', kind: SpanKind.SERVER });
    expect(upstream).toMatchObject({ name: 'tools/call echo', kind: SpanKind.CLIENT });
    expect(upstream?.attributes).toEqual({
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'echo',
      'toolyard.server': 'files',
    });
    expect([door, upstream].map((span) => span?.spanContext().traceId)).toEqual([traceId, traceId]);
    expect(door?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(upstream?.parentSpanContext?.spanId).toBe(door?.spanContext().spanId);
    expect(calls[0]?.params.value).toEqual({
      name: 'echo',
      _meta: { traceparent: `00-${traceId}-${upstream?.spanContext().spanId}-01`, tracestate: 'a=b', other: 1 },
    });
  });

  it('a call that fails says why, and a method that is made up makes no name', async () => {
    const fails: Service = () => Promise.reject(new ToolyardError('METHOD_UNKNOWN', { method: 'x' }, 'no'));
    await expect(traced()(fails)(createCall('x/made-up'))).rejects.toMatchObject({ code: 'METHOD_UNKNOWN' });
    const [span] = spans.getFinishedSpans();
    expect(span).toMatchObject({ name: 'other', status: { code: SpanStatusCode.ERROR, message: 'METHOD_UNKNOWN' } });
    expect(span?.attributes).toMatchObject({ 'error.type': 'METHOD_UNKNOWN' });
  });

  it('takes what callers write for a parent only where it is one', async () => {
    const { service } = recording();
    await traced()(service)(createCall('tools/list', { params: { _meta: { traceparent: 7, tracestate: {} } } }));
    await traced()(service)(createCall('tools/list', { params: { _meta: { traceparent: 'nonsense' } } }));
    for (const span of spans.getFinishedSpans()) expect(span.parentSpanContext).toBeUndefined();
  });

  it('continues what the headers of a call say, where its _meta says nothing', async () => {
    const { service, calls } = recording();
    const trace = { traceparent, tracestate: 'a=b' };
    await traced()(service)({ ...createCall('tools/list'), trace });
    const other = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    await traced()(service)({ ...createCall('tools/list', { params: { _meta: { traceparent: other } } }), trace });
    const [first, second] = spans.getFinishedSpans();
    expect(first?.parentSpanContext).toMatchObject({ traceId, spanId: 'b7ad6b7169203331' });
    expect(second?.parentSpanContext).toMatchObject({ traceId: '1'.repeat(32) });
    expect(calls[0]?.params.object('_meta')?.string('tracestate')).toBe('a=b');
  });

  it('a subscription, which may last for days, has no span', async () => {
    await traced()(recording().service)(createCall('subscriptions/listen'));
    expect(spans.getFinishedSpans()).toEqual([]);
  });
});

it.each([
  [{}, { traceparent, tracestate: 'a=b' }, { traceparent, tracestate: 'a=b' }],
  [{ other: 1, tracestate: 'left=over' }, { traceparent }, { other: 1, traceparent }],
  [{ traceparent: 'mine' }, { traceparent }, { traceparent: 'mine' }],
  [{ other: 1 }, undefined, { other: 1 }],
])('where no spans are wanted, %j with %j in the headers becomes %j', async (meta, trace, told) => {
  const { service, calls } = recording();
  await carriedOn(service)({ ...createCall('tools/list', { params: { _meta: meta } }), trace });
  expect(calls[0]?.params.object('_meta')?.value).toEqual(told);
});
