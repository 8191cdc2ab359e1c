import { expect, it } from 'vitest';
import { legacyKnowsNotification, modernKnowsNotification } from './notifications.ts';

it.each([
  ['notifications/progress', true, true],
  ['notifications/message', true, true],
  ['notifications/tools/list_changed', true, true],
  ['notifications/prompts/list_changed', true, true],
  ['notifications/resources/list_changed', true, true],
  ['notifications/resources/updated', true, true],
  ['notifications/com.example/own', true, true],
  ['notifications/subscriptions/acknowledged', false, true],
  ['notifications/tasks', false, true],
  ['notifications/elicitation/complete', true, false],
  ['notifications/tasks/status', true, false],
  ['notifications/initialized', true, false],
  ['notifications/roots/list_changed', true, false],
  ['notifications/cancelled', false, false],
])('%s is known to older clients: %s, and to 2026-07-28: %s', (method, legacy, modern) => {
  expect(legacyKnowsNotification(method, '2025-11-25')).toBe(legacy);
  expect(modernKnowsNotification(method)).toBe(modern);
});

it('knows that pages came with 2025-11-25', () => {
  expect(legacyKnowsNotification('notifications/elicitation/complete', '2025-06-18')).toBe(false);
});
