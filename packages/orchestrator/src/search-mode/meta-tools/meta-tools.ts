import { RawObject } from '@toolyard/protocol';

export const metaToolNames = { find: 'find_tools', describe: 'describe_tools', call: 'call_tool' } as const;

export const findLimits = { default: 8, max: 50 } as const;
export const maxDescribed = 20;

const texts = { type: 'array', items: { type: 'string' } };

/** The definitions that are listed in place of the catalogue. Each word here is paid for by every conversation. */
export const metaTools: readonly RawObject[] = [
  {
    name: metaToolNames.find,
    description:
      'Search the tools that are available; most are not listed. Use it before you say that you cannot do something. Gives names, arguments (? is optional) and descriptions. Then use call_tool.',
    inputSchema: {
      type: 'object',
      properties: {
        query: { type: 'string', description: 'What the tool should do' },
        limit: { type: 'integer', minimum: 1, maximum: findLimits.max, default: findLimits.default },
        tokenBudget: { type: 'integer', minimum: 1, description: 'Most tokens to return' },
        servers: { ...texts, description: 'Only these servers' },
        tags: { ...texts, description: 'Only servers with one of these tags' },
      },
      required: ['query'],
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  {
    name: metaToolNames.describe,
    description: 'Full definitions of tools, for when find_tools says too little to call them.',
    inputSchema: {
      type: 'object',
      properties: { names: { ...texts, minItems: 1, maxItems: maxDescribed } },
      required: ['names'],
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  {
    name: metaToolNames.call,
    description: 'Call a tool that find_tools found.',
    inputSchema: {
      type: 'object',
      properties: { name: { type: 'string' }, arguments: { type: 'object', description: "The tool's arguments" } },
      required: ['name'],
    },
  },
].map((tool) => RawObject.of(tool));
