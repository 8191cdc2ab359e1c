import type { HeaderParam, RawJson, RawObject } from '@toolyard/protocol';
import type { Kind } from '../kinds.ts';

/** A tool, prompt, resource or template of one server. */
export interface Entry {
  /** What its server calls it: the name, the URI, or the URI template. */
  readonly key: string;
  /** `key` as JSON, ready to be spliced into a call. */
  readonly keyJson: RawJson;
  /** What callers call it. Differs from `key` for tools and prompts under prefixed naming only. */
  readonly name: string;
  /** The definition as callers see it: the server's bytes, with nothing but `name` replaced. */
  readonly definition: RawObject;
  /** Of a tool with a user interface: the URI it is read from (`_meta.ui.resourceUri`). */
  readonly interfaceUri?: string;
  /** Of a tool whose arguments travel as headers too (`x-mcp-header`): which ones. */
  readonly headerParams?: readonly HeaderParam[];
}

/** Something a server listed that is not offered, or not with all that belongs to it, and why. */
export interface LeftOut {
  readonly kind: Kind;
  /** What the server calls it, cut at 128 characters; its place in the list (`#7`) where it has no name. */
  readonly entry: string;
  readonly reason: string;
}

/** One list of one server, all pages of it. */
export interface FetchedList {
  readonly entries: readonly Entry[];
  readonly fingerprint: string;
  /** The least of all pages; 0 where a page gave none. */
  readonly ttlMs: number;
  /** `public` only where every page said so. */
  readonly cacheScope: CacheScope;
  /** In milliseconds of the clock. */
  readonly fetchedAtMs: number;
  /** The first 100. */
  readonly leftOut: readonly LeftOut[];
  readonly leftOutCount: number;
}

export type CacheScope = 'public' | 'private';
