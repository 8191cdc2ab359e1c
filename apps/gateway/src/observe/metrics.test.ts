import { createCall, RawObject, type Reply, type Service, ToolyardError } from '@toolyard/protocol';
import { expect, it } from 'vitest';

import { instanceStatus, serverStatus } from '../testing/fake-status.ts';
import { createMetrics } from './metrics.ts';

const noFleet = { fleet: { servers: () => [] } };
const result =
  (members: Record<string, unknown>): Service =>
  () =>
    Promise.resolve({ result: RawObject.of(members) });
const failing: Service = () =>
  Promise.reject(new ToolyardError('UPSTREAM_CLOSED', { upstream: 'files' }, 'It is gone.'));

async function lines(metrics: ReturnType<typeof createMetrics>, name: string): Promise<readonly string[]> {
  const text = await metrics.scrape(noFleet);
  return text.split('\n').filter((line) => line.startsWith(name));
}

it('counts what clients ask for by how it ended', async () => {
  const metrics = createMetrics();
  await metrics.door(result({}))(createCall('tools/list'));
  await metrics.door(result({ isError: true, content: [] }))(createCall('tools/call'));
  await metrics
    .door(failing)(createCall('tools/call'))
    .catch(() => undefined);
  expect(await lines(metrics, 'toolyard_requests_total')).toEqual([
    'toolyard_requests_total{method="tools/list",outcome="ok"} 1',
    'toolyard_requests_total{method="tools/call",outcome="tool_error"} 1',
    'toolyard_requests_total{method="tools/call",outcome="UPSTREAM_CLOSED"} 1',
  ]);
  expect(await lines(metrics, 'toolyard_requests_in_flight')).toEqual(['toolyard_requests_in_flight 0']);
});

it('counts what is in flight, subscriptions too', async () => {
  const metrics = createMetrics();
  const gate = Promise.withResolvers<never>();
  const open = metrics
    .door(() => gate.promise)(createCall('subscriptions/listen'))
    .catch(() => undefined);
  expect(await lines(metrics, 'toolyard_requests_in_flight')).toEqual(['toolyard_requests_in_flight 1']);
  gate.reject(new Error('over'));
  await open;
});

it('times what servers answer and counts what fails, and forgets both with the server', async () => {
  const metrics = createMetrics();
  await metrics.upstream('files')(result({}))(createCall('tools/call'));
  await metrics
    .upstream('files')(failing)(createCall('tools/call'))
    .catch(() => undefined);
  expect(await lines(metrics, 'toolyard_upstream_request_duration_seconds_count')).toEqual([
    'toolyard_upstream_request_duration_seconds_count{server="files",method="tools/call"} 1',
  ]);
  expect(await lines(metrics, 'toolyard_upstream_errors_total')).toEqual([
    'toolyard_upstream_errors_total{server="files",method="tools/call",code="UPSTREAM_CLOSED"} 1',
  ]);
  const late = Promise.withResolvers<Reply>();
  const ending = metrics.upstream('files')(() => late.promise)(createCall('tools/call'));
  metrics.forget('files');
  late.resolve({ result: RawObject.empty });
  await ending;
  expect(await lines(metrics, 'toolyard_upstream_')).toEqual([]);
});

it('makes no label of what callers write', async () => {
  const metrics = createMetrics();
  for (let number = 0; number < 50; number++) {
    await metrics.door(result({}))(createCall(`made/up${number}`));
    await metrics.upstream('files')(result({}))(createCall(`made/up${number}`));
  }
  expect(await lines(metrics, 'toolyard_requests_total')).toEqual([
    'toolyard_requests_total{method="other",outcome="ok"} 50',
  ]);
  expect(await lines(metrics, 'toolyard_upstream_request_duration_seconds_count')).toHaveLength(1);
});

it('shows how the servers are doing at the moment of asking', async () => {
  const server = serverStatus('files', {
    state: 'degraded',
    instances: [instanceStatus(1, { inFlight: 3 }), instanceStatus(7, { phase: 'down', breaker: 'open', inFlight: 1 })],
    restarts: 5,
    failedAttempts: { UPSTREAM_UNREACHABLE: 4, UPSTREAM_TIMEOUT: 1 },
    queued: 9,
  });
  const metrics = createMetrics();
  const fleet = { servers: () => [server] };
  await metrics.scrape({ fleet });
  const text = await metrics.scrape({ fleet });
  const shown = text.split('\n').filter((line) => line.includes('server="files"'));
  expect(shown.sort()).toEqual([
    'toolyard_breaker_state{server="files",state="closed"} 1',
    'toolyard_breaker_state{server="files",state="half-open"} 0',
    'toolyard_breaker_state{server="files",state="open"} 1',
    'toolyard_server_failed_attempts_total{server="files",code="UPSTREAM_TIMEOUT"} 1',
    'toolyard_server_failed_attempts_total{server="files",code="UPSTREAM_UNREACHABLE"} 4',
    'toolyard_server_instances{server="files"} 1',
    'toolyard_server_restarts_total{server="files"} 5',
    'toolyard_server_state{server="files",state="degraded"} 1',
    'toolyard_server_state{server="files",state="healthy"} 0',
    'toolyard_server_state{server="files",state="starting"} 0',
    'toolyard_server_state{server="files",state="stopped"} 0',
    'toolyard_server_state{server="files",state="unhealthy"} 0',
    'toolyard_upstream_requests_in_flight{server="files"} 4',
    'toolyard_upstream_requests_queued{server="files"} 9',
  ]);
  expect(await metrics.scrape(noFleet)).not.toContain('files');
});

it('shows how the cache is doing, where there is one', async () => {
  const metrics = createMetrics();
  const stats = { hits: 7, misses: 2, requests: 9, hitRate: 7 / 9, evictions: 1, entries: 5, bytes: undefined };
  const cached = { ...noFleet, cache: () => stats };
  await metrics.scrape(cached);
  const text = await metrics.scrape(cached);
  expect(text.split('\n').filter((line) => line.startsWith('toolyard_cache'))).toEqual([
    'toolyard_cache_requests_total{result="hit"} 7',
    'toolyard_cache_requests_total{result="miss"} 2',
    'toolyard_cache_evictions_total 1',
    'toolyard_cache_entries 5',
  ]);
});
