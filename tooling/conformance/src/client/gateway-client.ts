import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gatewayProgram, startGateway } from '../gateway.ts';
import { legacyScenarios, runLegacy } from './legacy-scenarios.ts';
import { type Context, modernScenarios, runModern } from './modern-scenarios.ts';

/*
 * The client under test, as the suite starts it: `gateway-client.ts [--source] <url of the suite's server>`. A gateway in front of that server is what the
 * suite sees; an official client behind it does what the scenario wants.
 */

const args = process.argv.slice(2);
const upstream = args.at(-1) ?? '';
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const revision = process.env['MCP_CONFORMANCE_PROTOCOL_VERSION'];
const given = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as Partial<Context>;

const folder = await mkdtemp(path.join(tmpdir(), 'toolyard-conformance-client-'));
// The suite ends a client that takes too long; its gateway goes with it.
const stopped = new Promise<never>((_resolve, reject) => {
  process.once('SIGTERM', () => reject(new Error('the suite has waited long enough')));
});
try {
  const program = gatewayProgram(args.includes('--source'));
  await using gateway = await startGateway(program, { url: upstream }, path.join(folder, 'toolyard.yaml'));
  const url = new URL(gateway.url);
  if (revision === '2026-07-28') {
    const steps = modernScenarios[scenario];
    if (steps === undefined) throw new Error(`nothing is known of the scenario ${scenario}`);
    await Promise.race([stopped, runModern(steps, { url, toolCalls: given.toolCalls ?? [] })]);
  } else {
    const steps = legacyScenarios[scenario];
    if (steps === undefined) throw new Error(`nothing is known of the scenario ${scenario}`);
    await Promise.race([stopped, runLegacy(steps, url)]);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
// What an abandoned scenario still holds does not keep the process.
process.exit();
