import { randomUUID } from 'node:crypto';
import { type CacheEntry, type CacheStoreEvent, checkNumbers, countOf, millisecondsFrom } from '@toolyard/protocol';
import type { ChainableCommander, Redis } from 'ioredis';
import { type FoundEntry, maxKeepMs, newest } from '../shared/found-entry.ts';
import { digest } from '../keys/digest.ts';
import type { Drop, Place } from '../keys/place.ts';
import { decodeDrop, encodeDrop } from './drop-message.ts';
import { type Decoded, decodeFrame, encodeFrame } from './frame.ts';
import { PendingDrops } from './pending-drops.ts';
import { RedisLink } from './redis-link.ts';
import { redisNames, type RedisNames } from './redis-names.ts';
import type { RedisStoreOptions } from './redis-options.ts';

/** What a store over Redis wants to hear. */
export interface RedisEars {
  tell(event: CacheStoreEvent): void;
  /** Another store dropped something, or may have while nobody listened. Absent: this store does not want to know. */
  readonly onDrop?: (drop: Drop) => void;
}

export interface RedisRead {
  readonly entry: FoundEntry | undefined;
  /** Under which an answer to the call that follows is written; `''` where nothing can be. */
  readonly stamp: string;
}

const noStamp = '';

const tokenMs = 30 * 86_400_000;
/** As long as a call may be under way. */
const requestTokenMs = 3_600_000;

const rules = {
  commandTimeoutMs: millisecondsFrom(1, { max: 86_400_000 }),
  heartbeatMs: millisecondsFrom(1),
  maxEntryBytes: countOf('bytes'),
  maxPendingDrops: countOf('drops', 0),
};
const backoffRules = { firstDelayMs: millisecondsFrom(1), maxDelayMs: millisecondsFrom(1) };

/**
 * Entries by place, in Redis.
 *
 * All entries, those of a server and those of a topic have a token each, a random text that every entry was written under. A drop deletes the token:
 * the next reader makes a new one, and what was written under the old one is no longer found, also what a call that was under way writes
 * later. So a drop costs the same for one entry and a million, and a token that Redis itself throws out drops too much rather than too little.
 *
 * Nothing needs a transaction. Redis that is out of memory would refuse one even to readers, and before 7.2 it puts a message into the middle of the
 * reply to one where sender and listener share a connection.
 */
export class RedisEntries {
  readonly #link: RedisLink;
  readonly #names: RedisNames;
  readonly #pending: PendingDrops;
  readonly #maxEntryBytes: number;
  readonly #self = randomUUID();

  /** Throws `CONFIG_INVALID`. */
  constructor(options: RedisStoreOptions, { tell, onDrop }: RedisEars) {
    checkNumbers('a cache in Redis', options, rules);
    checkNumbers('the backoff of a cache in Redis', options.backoff ?? {}, backoffRules);
    const { url, prefix = 'toolyard:cache', commandTimeoutMs = 100, heartbeatMs = 5_000 } = options;
    this.#names = redisNames(prefix);
    this.#pending = new PendingDrops(options.maxPendingDrops ?? 1_000);
    this.#maxEntryBytes = options.maxEntryBytes ?? 1_048_576;
    this.#link = new RedisLink({
      url,
      commandTimeoutMs,
      heartbeatMs,
      backoff: { firstDelayMs: 250, maxDelayMs: 5_000, ...options.backoff },
      prepare: async (client) => {
        if (onDrop !== undefined) await this.#listen(client, onDrop);
        await this.#pending.flush((drop) => this.#deliver(client, drop));
      },
      onUp: () => void this.#flush(),
      tell,
    });
  }

  /** Whether Redis is used at this moment. */
  get up(): boolean {
    return this.#link.up;
  }

  async read(place: Place): Promise<RedisRead> {
    const found = await this.#link.run((client) => this.#fetch(client, place));
    return found ?? { entry: undefined, stamp: noStamp };
  }

  async write(place: Place, entry: CacheEntry, stamp: string): Promise<void> {
    const { result, freshMs, staleMs, shared } = entry;
    if (stamp === noStamp || !(freshMs > 0) || result.bytes.length > this.#maxEntryBytes) return;
    const keepMs = Math.ceil(Math.min(freshMs + Math.max(staleMs, 0), maxKeepMs));
    const slot = shared ? place.shared : place.own;
    const whole = { ...entry, freshMs: Math.min(Math.ceil(freshMs), keepMs) };
    const frame = encodeFrame(slot, whole, keepMs, stamp);
    await this.#link.run((client) => client.set(this.#names.entry(slot), frame, 'PX', keepMs));
  }

  /** Sent at once, ahead of all that is read after; where Redis is down, when it is back. */
  async drop(drop: Drop): Promise<void> {
    const done = await this.#link.run(async (client) => {
      await this.#deliver(client, drop);
      return true;
    }, true);
    if (done !== true) this.#pending.add(drop);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #flush(): Promise<void> {
    if (this.#pending.size === 0) return;
    await this.#link.run((client) => this.#pending.flush((drop) => this.#deliver(client, drop)), true);
  }

  async #listen(client: Redis, onDrop: (drop: Drop) => void): Promise<void> {
    client.removeAllListeners('message');
    client.on('message', (_channel: string, message: string) => {
      const drop = decodeDrop(message, this.#self);
      if (drop !== undefined) onDrop(drop);
    });
    await client.subscribe(this.#names.channel);
    // What was said before this connection listened is lost.
    onDrop({ all: true });
  }

  async #fetch(client: Redis, place: Place): Promise<RedisRead> {
    const { own, shared } = place;
    const slots = [this.#names.entry(own), this.#names.entry(shared)] as const;
    // The time that is left comes first: where an entry is replaced in between, the new one looks older than it is, or like none.
    const batch = client.pipeline().pttl(slots[0]).pttl(slots[1]);
    const [ownLeftMs, sharedLeftMs, values] = await results(batch.mgetBuffer(...slots, ...this.#tokens(place)));
    if (!isRow(values) || typeof ownLeftMs !== 'number' || typeof sharedLeftMs !== 'number') throw unexpected();
    const [ownFrame, sharedFrame, ...tokens] = values;
    const stamp = stampOf(tokens) ?? (await this.#makeTokens(client, place));
    const entry = newest(
      found(decodeFrame(own, ownFrame, ownLeftMs, stamp), false),
      found(decodeFrame(shared, sharedFrame, sharedLeftMs, stamp), true),
    );
    return { entry, stamp };
  }

  /** The last one is there only where a drop of its own made it. */
  #tokens(place: Place): [string, string, string, string] {
    const { everything, server, topic, request } = this.#names;
    return [everything, server(place.server), topic(place), request(place)];
  }

  async #makeTokens(client: Redis, place: Place): Promise<string> {
    const tokens = this.#tokens(place);
    const batch = client.pipeline();
    for (const token of tokens.slice(0, -1)) batch.set(token, randomUUID(), 'PX', tokenMs, 'NX');
    const values = (await results(batch.mgetBuffer(...tokens))).at(-1);
    if (!isRow(values)) throw unexpected();
    return stampOf(values) ?? noStamp;
  }

  async #deliver(client: Redis, drop: Drop): Promise<void> {
    const { everything, server, topic, request, entry, channel } = this.#names;
    const batch = client.pipeline();
    if ('all' in drop) batch.del(everything);
    else if ('server' in drop) batch.del(server(drop.server));
    else if ('topics' in drop) for (const one of drop.topics) batch.del(topic(one));
    else {
      const { own, shared } = drop.place;
      batch.del(entry(own), entry(shared)).set(request(drop.place), randomUUID(), 'PX', requestTokenMs);
    }
    await results(batch.publish(channel, encodeDrop(this.#self, drop)));
  }
}

/** What each command of the batch gave; rejects with the first error. */
async function results(batch: ChainableCommander): Promise<unknown[]> {
  const rows = await batch.exec();
  if (rows === null) throw unexpected();
  return rows.map(([error, value]) => {
    if (error !== null) throw error;
    return value;
  });
}

function isRow(value: unknown): value is (Buffer | null)[] {
  return Array.isArray(value) && value.every((one) => one === null || Buffer.isBuffer(one));
}

function found(decoded: Decoded | undefined, shared: boolean): FoundEntry | undefined {
  return decoded && { ...decoded, shared };
}

/** `undefined` where a token is not there, except the last. */
function stampOf(tokens: readonly (Buffer | null)[]): string | undefined {
  const [request, ...others] = tokens.toReversed();
  if (others.includes(null)) return undefined;
  return digest(...others.map((token) => token ?? ''), request ?? '');
}

function unexpected(): Error {
  return new Error('Redis answered something that was not asked for');
}
