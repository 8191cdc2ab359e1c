import { expect, it } from 'vitest';
import { RawObject } from '../../../../wire/raw-object.ts';
import { capabilityProfile, everyCapability } from './capability-profile.ts';

it.each([
  [{}, '{}'],
  [{ elicitation: {} }, '{"elicitation":{"form":{}}}'],
  [{ elicitation: { url: {} } }, '{"elicitation":{"url":{}}}'],
  [{ elicitation: { form: { x: 1 }, url: {} }, experimental: { y: {} } }, '{"elicitation":{"form":{},"url":{}}}'],
  [{ sampling: {}, roots: { listChanged: true } }, '{"sampling":{},"roots":{"listChanged":false}}'],
  [{ sampling: { tools: {}, context: {} } }, '{"sampling":{"tools":{},"context":{}}}'],
  [{ elicitation: true, sampling: [], roots: null }, '{"roots":{"listChanged":false}}'],
])('a caller that declares %j is declared as %s', (declared, profile) => {
  expect(capabilityProfile(RawObject.of(declared)).capabilities.text).toBe(profile);
});

it('is the same for callers who can be asked the same, and everything for those who can be asked everything', () => {
  const key = (declared: Readonly<Record<string, unknown>>): string => capabilityProfile(RawObject.of(declared)).key;
  expect(key({ elicitation: {} })).toBe(key({ elicitation: { form: {} }, extensions: { x: {} } }));
  expect(key({ elicitation: {} })).not.toBe(key({ elicitation: { form: {}, url: {} } }));
  expect(key({ elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} })).toBe(everyCapability.key);
});
