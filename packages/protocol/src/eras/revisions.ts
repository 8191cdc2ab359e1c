/** Every revision of the protocol that is spoken here, newest first. */
export const revisions = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
export type Revision = (typeof revisions)[number];

/** The revision whose shape everything inside has. */
export const modernRevision: Revision & '2026-07-28' = '2026-07-28';
/** The revisions that are complete in each request, newest first: what `server/discover` and `VERSION_UNSUPPORTED` name. */
export const modernRevisions: readonly Revision[] = ['2026-07-28'];
/** The revisions that begin with `initialize`, newest first. */
export const legacyRevisions: readonly Revision[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
/** What a client offers in `initialize`, and what a server answers to an offer that it does not know. */
export const newestLegacyRevision: Revision & '2025-11-25' = '2025-11-25';

export function isLegacyRevision(revision: string): boolean {
  return legacyRevisions.some((known) => known === revision);
}

/**
 * Whether a version string names a revision that is complete in each request, known here or not: revisions are dates, and what is no date
 * (`v999.0.0`) is taken for a version to come, so that it is answered with `VERSION_UNSUPPORTED` rather than with a session.
 */
export function namesModernRevision(revision: string): boolean {
  return revision >= modernRevision;
}

/** The revision that answers an `initialize`: the one that was asked for if it is spoken here, else our newest of that kind (spec: basic/lifecycle). */
export function negotiateLegacyRevision(requested: string | undefined): string {
  return requested !== undefined && isLegacyRevision(requested) ? requested : newestLegacyRevision;
}

/** Revisions are dates, so later ones are greater. */
function since(first: Revision): (revision: string) => boolean {
  return (revision) => revision >= first;
}

/** Audio blocks, tool annotations, `completions` capability, progress `message`. */
export const hasAudio: (revision: string) => boolean = since('2025-03-26');
/** The only revision in which arrays of messages must be taken. */
export function hasBatches(revision: string): boolean {
  return revision === '2025-03-26';
}
/** The `MCP-Protocol-Version` header on every request after `initialize`. */
export const hasVersionHeader: (revision: string) => boolean = since('2025-06-18');
/** Event streams that begin with an event without a message, and that a server may close and have its client poll. */
export const hasStreamPolling: (revision: string) => boolean = since('2025-11-25');
/** `structuredContent` and `outputSchema`. */
export const hasStructuredContent: (revision: string) => boolean = since('2025-06-18');
/** `structuredContent` may be any JSON value, and `outputSchema` any schema; before, objects only. */
export const hasAnyStructuredContent: (revision: string) => boolean = since('2026-07-28');
export const hasResourceLinks: (revision: string) => boolean = since('2025-06-18');
/** `title` beside `name`. */
export const hasTitles: (revision: string) => boolean = since('2025-06-18');
/** Elicitation by URL and of several values, titled choices; sampling with tools, and with several blocks in one message. */
export const hasRichQuestions: (revision: string) => boolean = since('2025-11-25');
