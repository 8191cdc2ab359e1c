import { memoryServerRegistry, parseConfiguration } from '@toolyard/registry';

const text = `
servers:
  files: { command: mcp-server-filesystem, domains: [documents], priority: 2 }
  wiki: { url: "https://wiki.example.com/mcp", domains: [documents], capabilities: [search] }
`;

await using registry = memoryServerRegistry();
for (const server of parseConfiguration(text, { environment: {} }).servers) await registry.register(server);
await registry.markConnected('files');
await registry.markDisconnected('wiki', 'It cannot be reached.');
for (const { definition, connected, reason } of await registry.byDomain('documents'))
  console.log(definition.id, connected, reason);
