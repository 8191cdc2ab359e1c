import { expect, it } from 'vitest';

import { fixtureServer } from './testing/configurations.ts';
import { startGateway, temporaryFolder, waitFor } from './testing/gateway.ts';
import { callTool } from './testing/raw-client.ts';

const flood = (stream: 'stdout' | 'stderr'): string =>
  JSON.stringify(`const go = () => process.${stream}.write('x'.repeat(65_535) + '\\n', () => setImmediate(go)); go()`);

it('servers that print without end are read slowly, which a warning says, and none of it is in the log', async () => {
  await using folder = await temporaryFolder();
  const config = await folder.write(
    'toolyard.yaml',
    `servers:
${fixtureServer('good', [`${folder.path}/journal`])}
  loud: { command: node, args: [-e, ${flood('stderr')}], connectTimeoutMs: 3000 }
  web: { url: "http://127.0.0.1:{port}/mcp", start: { command: node, args: [-e, ${flood('stdout')}, "{port}"] }, connectTimeoutMs: 3000 }
`,
  );
  await using gateway = await startGateway(config, folder.path);
  const warnings = await waitFor('both warnings', () => {
    const lines = gateway.output.stderr.split('\n').filter((line) => line.includes('is read at 1 MiB a second'));
    return lines.length < 2 ? undefined : lines.map((line): unknown => JSON.parse(line));
  });
  expect(warnings).toContainEqual(expect.objectContaining({ level: 40, server: 'loud' }));
  expect(warnings).toContainEqual(expect.objectContaining({ level: 40, server: 'web' }));
  expect(gateway.output.stderr).not.toContain('xxx');
  expect((await callTool(gateway.endpoint, 'good__pid')).status).toBe(200);
});
