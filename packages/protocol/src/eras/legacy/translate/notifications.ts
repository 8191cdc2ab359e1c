import { hasRichQuestions } from '../../revisions.ts';

/** What no client before 2026-07-28 knows. `cancelled` speaks of a hop's own ids: it is never passed on. */
const unknownToLegacy: ReadonlySet<string> = new Set([
  'notifications/cancelled',
  'notifications/subscriptions/acknowledged',
  'notifications/tasks',
]);

/** What 2026-07-28 has removed. */
const unknownToModern: ReadonlySet<string> = new Set([
  'notifications/cancelled',
  'notifications/elicitation/complete',
  'notifications/initialized',
  'notifications/roots/list_changed',
  'notifications/tasks/status',
]);

/** Whether a notification of a server may be passed to a client of an older revision. Extensions' notifications may. */
export function legacyKnowsNotification(method: string, revision: string): boolean {
  return (
    !unknownToLegacy.has(method) && (method !== 'notifications/elicitation/complete' || hasRichQuestions(revision))
  );
}

/** Whether a notification of a server before 2026-07-28 may be passed on in today's shape. Extensions' notifications may. */
export function modernKnowsNotification(method: string): boolean {
  return !unknownToModern.has(method);
}
