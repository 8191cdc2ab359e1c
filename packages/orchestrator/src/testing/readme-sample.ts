import { fileURLToPath } from 'node:url';

import { createCall } from '@toolyard/protocol';
import { createOrchestrator } from '@toolyard/orchestrator';
import { stdioTransport } from '@toolyard/transport-stdio';

const memory = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-memory/dist/index.js'));
const every = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
await using yard = createOrchestrator({
  servers: [
    { id: 'memory', target: { command: 'node', args: [memory] } },
    { id: 'every', target: { command: 'node', args: [every] } },
  ],
  transports: [stdioTransport()],
  clientInfo: { name: 'my-gateway', version: '1.0.0' },
});
await yard.start();
for (const { id, state, peer } of yard.servers()) console.log(id, state, peer?.revision);

// Usually a transport makes the calls: `httpTransport().serve(yard.service, …)`.
const { result } = await yard.service(
  createCall('tools/call', { params: { name: 'every__echo', arguments: { message: 'hello' } } }),
);
console.log(result.array('content')?.[0]?.text);
