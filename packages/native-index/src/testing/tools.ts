import type { ToolDocument } from '../tool-document.ts';

/** A small catalogue of three servers. */
export const tools: readonly ToolDocument[] = [
  tool('mail', 'send_email', 'Sends an email to somebody.', { to: 'Who gets it', subject: 'What it is about' }),
  tool('mail', 'search_emails', 'Finds emails by words in them.', { query: 'Words to look for' }),
  tool('mail', 'delete_email', 'Deletes an email.', { messageId: 'Which one' }),
  tool('weather', 'get_forecast', 'Weather for the next days.', { city: 'Name of the city' }),
  tool('weather', 'get_alerts', 'Severe weather warnings of a region.', { region: 'Two letters' }),
  tool('files', 'read_file', 'Reads a file from disk.', { path: 'Where it is' }),
  tool('files', 'write_file', 'Writes a file to disk.', { path: 'Where it goes', content: 'What is in it' }),
  tool('files', 'resizeImage', 'Makes a picture smaller.', { path: 'Where it is', width: 'In pixels' }),
];

export function tool(
  server: string,
  name: string,
  description: string,
  parameters: Readonly<Record<string, string>> = {},
): ToolDocument {
  return {
    id: `${server}__${name}`,
    server,
    name,
    description,
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(parameters).map(([parameter, text]) => [parameter, { type: 'string', description: text }]),
      ),
    },
  };
}
