import { fileURLToPath } from 'node:url';

import { createOrchestrator } from '@toolyard/orchestrator';
import { stdioTransport } from '@toolyard/transport-stdio';

const program = (name: string) =>
  fileURLToPath(import.meta.resolve(`@modelcontextprotocol/server-${name}/dist/index.js`));
await using yard = createOrchestrator({
  servers: [],
  transports: [stdioTransport()],
  clientInfo: { name: 'my-gateway', version: '1.0.0' },
});
yard.events.transition.listen(({ server, from, to }) => console.log(server, from, '→', to));
await yard.start();

await yard.deploy('notes', { target: { command: 'node', args: [program('memory')] }, tags: ['local'] });
const { instances } = await yard.scale('notes', 2);
console.log(instances.length);
await yard.deploy('notes', { target: { command: 'node', args: [program('everything')] } }); // the old instances finish their calls
console.log((await yard.execute('notes', { method: 'tools/list' })).result.array('tools')?.length);

await yard.restart('notes');
await yard.drain('notes');
console.log(yard.state('notes'), yard.health().servers);
await yard.scale('notes', 1);
await yard.undeploy('notes');
console.log(yard.servers());
