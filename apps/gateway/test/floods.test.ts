import { expect, it } from 'vitest';

import { fixtureServer, tellingServer } from './testing/configurations.ts';
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

it('calls that fail fill no log: 20 lines a minute of each kind, the number of the others, and all of them in /metrics', async () => {
  await using folder = await temporaryFolder();
  const config = await folder.write('toolyard.yaml', `servers:\n${tellingServer('a')}${tellingServer('b')}`);
  await using gateway = await startGateway(config, folder.path);
  for (let round = 0; round < 50; round++)
    await Promise.all(['a__fail', 'b__fail', `none-${round}`].map((tool) => callTool(gateway.endpoint, tool)));
  const metrics = await (await fetch(new URL('/metrics', gateway.endpoint))).text();
  expect(metrics).toContain('{method="tools/call",outcome="UPSTREAM_ERROR"} 100\n');
  expect(metrics).toContain('{method="tools/call",outcome="TOOL_UNKNOWN"} 50\n');
  await gateway[Symbol.asyncDispose]();
  const lines = gateway.output.stderr
    .split('\n')
    .filter((line) => /UPSTREAM_ERROR|TOOL_UNKNOWN/.test(line))
    .map((line) => JSON.parse(line) as { readonly msg: string; readonly server?: string; readonly leftOut?: number });
  expect(lines.filter(({ leftOut }) => leftOut === undefined)).toHaveLength(60);
  expect(lines.filter(({ leftOut }) => leftOut !== undefined).map(({ msg }) => msg)).toEqual(
    expect.arrayContaining([
      'a: UPSTREAM_ERROR: 30 more in this minute, left out',
      'b: UPSTREAM_ERROR: 30 more in this minute, left out',
      'TOOL_UNKNOWN: 30 more in this minute, left out',
    ]),
  );
});
