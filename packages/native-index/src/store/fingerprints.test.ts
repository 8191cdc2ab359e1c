import { expect, it } from 'vitest';
import { fingerprint, Fingerprints, startFingerprint } from './fingerprints.ts';

it('a text has one fingerprint, however it is cut', () => {
  const text = 'Größe: 東京 '.repeat(9_000);
  for (const length of [1_000, 40_000]) {
    const print = startFingerprint();
    for (let at = 0; at < text.length; at += length) print.add(text.slice(at, at + length));
    expect(print.end()).toBe(fingerprint(text));
  }
});

it('what was set is kept for each slot, in memory and saved, however many there are', () => {
  const prints = new Fingerprints();
  const slots = 2_500;
  for (let slot = slots - 1; slot >= 0; slot -= 1) prints.set(slot, fingerprint(`tool ${slot}`));
  prints.set(1_024, fingerprint('another'));
  const saved = prints.save(slots);
  expect(saved).toHaveLength(slots * 16);
  for (const one of [prints, Fingerprints.restore(saved)]) {
    for (const slot of [0, 1_023, 1_025, 2_499]) {
      expect(one.get(slot)).toBe(fingerprint(`tool ${slot}`));
      expect(one.is(slot, fingerprint(`tool ${slot}`))).toBe(true);
    }
    expect(one.is(1_024, fingerprint('tool 1024'))).toBe(false);
    expect(one.is(1_024, fingerprint('another'))).toBe(true);
    expect(one.is(100_000, fingerprint('another'))).toBe(false);
  }
});
