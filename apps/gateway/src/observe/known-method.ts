/** Those that a client may ask for (spec: schema of 2026-07-28, and the tasks extension). */
const methods: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
  'subscriptions/listen',
  'tasks/get',
  'tasks/update',
  'tasks/cancel',
]);

/** As a label: whatever else callers write is `other`, so that they cannot make labels without end. */
export function knownMethod(method: string): string {
  return methods.has(method) ? method : 'other';
}
