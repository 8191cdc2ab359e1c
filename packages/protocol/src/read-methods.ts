/**
 * Methods that only read, so that nothing but load comes of sending one twice (spec: server, basic/transports; for `tasks/get` the tasks extension). A tool call is
 * never among them, whatever its server says of it.
 */
export const readMethods: ReadonlySet<string> = new Set([
  'server/discover',
  'ping',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/get',
  'completion/complete',
  'tasks/get',
]);
