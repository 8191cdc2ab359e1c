import { parseConfiguration } from '@toolyard/registry';

const text = `
servers:
  files:
    command: mcp-server-filesystem
    args: [./sample]
  tickets:
    url: https://tickets.example.com/mcp
    auth: { type: bearer, token: "\${TICKETS_TOKEN}" }
    tags: [work]
`;

const { servers } = parseConfiguration(text, { environment: { TICKETS_TOKEN: 't0ken' }, file: '/srv/toolyard.yaml' });
for (const { id, target } of servers) console.log(id, target);
