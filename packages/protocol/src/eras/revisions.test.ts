import { describe, expect, it } from 'vitest';
import {
  isLegacyRevision,
  legacyRevisions,
  modernRevisions,
  namesModernRevision,
  negotiateLegacyRevision,
  revisions,
} from './revisions.ts';

describe('revisions', () => {
  it('are either modern or legacy, newest first', () => {
    expect([...modernRevisions, ...legacyRevisions]).toEqual(revisions);
    expect([...revisions].sort().reverse()).toEqual(revisions);
    for (const revision of revisions) expect(namesModernRevision(revision)).toBe(!isLegacyRevision(revision));
  });

  it.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
    ['2024-10-07', '2025-11-25'],
    ['1.0', '2025-11-25'],
    [undefined, '2025-11-25'],
  ])('are negotiated: who asks for %s in initialize gets %s', (requested, agreed) => {
    expect(negotiateLegacyRevision(requested)).toBe(agreed);
  });

  it('take a version that is no date for one to come', () => {
    expect(namesModernRevision('v999.0.0')).toBe(true);
    expect(namesModernRevision('2027-01-01')).toBe(true);
    expect(namesModernRevision('2025-12-31')).toBe(false);
  });
});
