import type { Drop, Place } from '../keys/place.ts';

/** What one store tells the others of over the channel. Names of places only: who listens in learns nothing. */
export function encodeDrop(sender: string, drop: Drop): string {
  return JSON.stringify({ version: 1, sender, drop });
}

/** What was dropped; `undefined` for one's own. What cannot be read may mean anything, so it means everything. */
export function decodeDrop(message: string, self: string): Drop | undefined {
  const read = parse(message);
  if (!isRecord(read) || read['version'] !== 1) return { all: true };
  return read['sender'] === self ? undefined : (readDrop(read['drop']) ?? { all: true });
}

const longest = 65_536;

function parse(message: string): unknown {
  if (message.length > longest) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function readDrop(value: unknown): Drop | undefined {
  if (!isRecord(value)) return undefined;
  const { server, topics, place } = value;
  if (typeof server === 'string') return { server };
  if (Array.isArray(topics) && topics.every(isTopic)) return { topics };
  return isPlace(place) ? { place } : undefined;
}

function isTopic(value: unknown): value is Pick<Place, 'server' | 'topic'> {
  return isRecord(value) && typeof value['server'] === 'string' && typeof value['topic'] === 'string';
}

function isPlace(value: unknown): value is Place {
  return isTopic(value) && ['own', 'shared', 'request'].every((name) => typeof Reflect.get(value, name) === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
