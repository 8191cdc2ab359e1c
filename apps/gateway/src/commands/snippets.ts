/** How to add the gateway to a client; ready to paste. */
export interface Snippet {
  readonly client: string;
  /** Where to paste it. */
  readonly where: string;
  readonly text: string;
}

export interface SnippetFacts {
  readonly endpoint: string;
  /** The command line that serves the same configuration on stdin and stdout. */
  readonly stdio: { readonly command: string; readonly args: readonly string[] };
}

/** Claude Desktop starts local servers itself, so it gets the stdio form; the others connect to the running gateway. */
export function snippets({ endpoint, stdio }: SnippetFacts): readonly Snippet[] {
  return [
    { client: 'Claude Code', where: 'in a shell', text: `claude mcp add --transport http toolyard ${endpoint}` },
    {
      client: 'Claude Desktop',
      where: 'Settings > Developer > Edit Config (claude_desktop_config.json)',
      text: JSON.stringify({ mcpServers: { toolyard: stdio } }),
    },
    {
      client: 'Cursor',
      where: '~/.cursor/mcp.json',
      text: JSON.stringify({ mcpServers: { toolyard: { url: endpoint } } }),
    },
    {
      client: 'VS Code',
      where: '.vscode/mcp.json',
      text: JSON.stringify({ servers: { toolyard: { type: 'http', url: endpoint } } }),
    },
  ];
}
