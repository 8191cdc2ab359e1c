import { it } from 'vitest';
import { modernRequest, ask } from './testing/raw-http.ts';
import { serviceOf, serverInfo } from './testing/calls.ts';
import { httpTransport } from './transport.ts';
it('x', async () => {
  await using listener = await httpTransport().serve(serviceOf(), { serverInfo });
  const r = modernRequest('tools/call', { name: 'a' });
  for (const size of [5_000_000, 50_000_000]) 
    for (let i = 0; i < 5; i++) try {
      const a = await fetch(listener.address, { method: 'POST', headers: r.headers, body: 'x'.repeat(size) });
      console.log(size, a.status, await a.text());
    } catch (e) { console.log(size, e.cause); }
  await using l2 = await httpTransport().serve(() => Promise.reject(new Error('x')), { serverInfo });
  const i = await ask(l2.address, { headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }, body: { jsonrpc: '2.0', id: 1, method: 'initialize', params: {protocolVersion: '2025-11-25', capabilities: {}, clientInfo: {name: 'x', version: '1'}} } });
  console.log(i.status, i.body, i.headers);
});
