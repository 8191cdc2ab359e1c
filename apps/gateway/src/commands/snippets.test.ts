import { describe, expect, it } from 'vitest';

import { snippets } from './snippets.ts';

describe('snippets', () => {
  it('are what each client wants', () => {
    const facts = {
      endpoint: 'http://127.0.0.1:7420/mcp',
      stdio: { command: '/n/node', args: ['/t/main.js', 'up', '/t.yaml', '--stdio'] },
    };
    expect(snippets(facts).map(({ client, text }) => `${client}: ${text}`)).toEqual([
      'Claude Code: claude mcp add --transport http toolyard http://127.0.0.1:7420/mcp',
      'Claude Desktop: {"mcpServers":{"toolyard":{"command":"/n/node","args":["/t/main.js","up","/t.yaml","--stdio"]}}}',
      'Cursor: {"mcpServers":{"toolyard":{"url":"http://127.0.0.1:7420/mcp"}}}',
      'VS Code: {"servers":{"toolyard":{"type":"http","url":"http://127.0.0.1:7420/mcp"}}}',
    ]);
  });
});
