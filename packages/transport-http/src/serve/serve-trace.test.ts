import { expect, it } from 'vitest';
import { serviceOf, textReply } from '../testing/calls.ts';
import { openSession, toolRequest } from '../testing/legacy-session.ts';
import { serve } from '../testing/listeners.ts';
import { ask, modernRequest } from '../testing/raw-http.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const service = serviceOf({ trace: ({ trace }) => textReply(JSON.stringify(trace ?? null)) });
const continued = JSON.stringify(JSON.stringify({ traceparent, tracestate: 'a=b' }));

it('a call knows where its headers put it in a trace, and nothing where they say nothing of use', async () => {
  await using listener = await serve(service);
  const modern = modernRequest('tools/call', { name: 'trace' });
  const told = async (more: Record<string, string>) =>
    (await ask(listener.address, { ...modern, headers: { ...modern.headers, ...more } })).body;
  expect(await told({ traceparent, tracestate: 'a=b' })).toContain(continued);
  expect(await told({ traceparent: 'nonsense' })).toContain('"null"');
  expect(await told({})).toContain('"null"');
});

it('and so does each call of a session, alone or in a batch, by the headers of its own request', async () => {
  await using listener = await serve(service);
  const inside = await openSession(listener.address, '2025-03-26', { traceparent: 'nonsense' });
  const told = async (body: unknown, more: Record<string, string>) =>
    (await ask(listener.address, { headers: { ...inside, ...more }, body })).body;
  const request = toolRequest('trace');
  expect(await told(request, { traceparent, tracestate: 'a=b' })).toContain(continued);
  expect(await told([request], { traceparent, tracestate: 'a=b' })).toContain(continued);
  expect(await told(request, {})).toContain('"null"');
});
