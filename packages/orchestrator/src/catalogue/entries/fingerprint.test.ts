import { expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';

const bytes = (...texts: readonly string[]): readonly Uint8Array[] => texts.map((text) => Buffer.from(text));

it('changes when a description changes', () => {
  const before = fingerprint(bytes('{"name":"a","description":"reads"}'));
  expect(fingerprint(bytes('{"name":"a","description":"reads"}'))).toBe(before);
  expect(fingerprint(bytes('{"name":"a","description":"Reads"}'))).not.toBe(before);
});

it('changes with the order', () => {
  expect(fingerprint(bytes('{"a":1}', '{"b":2}'))).not.toBe(fingerprint(bytes('{"b":2}', '{"a":1}')));
});

it('does not take two lists that run together to the same bytes for one', () => {
  expect(fingerprint(bytes('ab', 'c'))).not.toBe(fingerprint(bytes('a', 'bc')));
  expect(fingerprint(bytes('ab'))).not.toBe(fingerprint(bytes('ab', '')));
});
