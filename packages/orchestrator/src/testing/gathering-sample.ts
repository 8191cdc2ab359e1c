import { fileURLToPath } from 'node:url';

import { createOrchestrator } from '@toolyard/orchestrator';
import { memoryServerRegistry } from '@toolyard/registry';
import { stdioTransport } from '@toolyard/transport-stdio';

const every = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
const registry = memoryServerRegistry();
const yard = createOrchestrator({
  servers: [
    { id: 'every', target: { command: 'node', args: [every] }, domains: ['docs'], priority: 2, capabilities: ['demo'] },
    { id: 'broken', target: { command: 'node', args: ['--no-such-flag'] }, domains: ['docs'], priority: 1 },
  ],
  transports: [stdioTransport()],
  clientInfo: { name: 'my-gateway', version: '1.0.0' },
  registry,
});

{
  await using session = yard.session(); // starts it, and closes it at the end of the block
  const { server, resources, passedOver } = await session.resourcesForDomain('docs', { timeoutMs: 20_000 });
  console.log(server, resources.length > 0, passedOver);
  for (const { server, outcome } of await session.gatherAllResources()) console.log(server, outcome);

  console.log(yard.serversByDomain('docs').map(({ id }) => id)); // the one that goes first comes first
  console.log(yard.serverByCapability('demo', { connected: true })?.id);
  console.log(yard.status().servers['broken']);
}
for (const { definition, connected } of await registry.byDomain('docs')) console.log(definition.id, connected);
