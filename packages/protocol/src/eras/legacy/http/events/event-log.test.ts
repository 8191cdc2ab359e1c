import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../../../wire/text.ts';
import { createEventLog } from './event-log.ts';
import type { SessionEvents } from './event-store.ts';
import { memoryEventStore } from './memory-event-store.ts';

const message = encodeUtf8('"a"');
const logOf = (events: SessionEvents = memoryEventStore().open('tag')) => createEventLog(events, 'tag');

describe('a log of events', () => {
  it('gives an event as it goes on the wire', () => {
    const log = logOf();
    log.begin();
    const { frame } = log.append(log.begin(), message, false);
    expect(decodeUtf8(frame)).toBe('id: tag-1-1\nevent: message\ndata: "a"\n\n');
    expect(log.after({ stream: 1, at: 0 })).toEqual({ frames: [frame], lost: false });
  });

  it('knows its ids again, with or without a message', () => {
    const log = logOf();
    const stream = log.begin();
    log.append(stream, message, false);
    expect(log.find(log.mark(stream))).toEqual({ stream: 0, at: 2 });
    expect(log.find('tag-0-1')).toEqual({ stream: 0, at: 1 });
  });

  it.each([
    '',
    'x',
    'tag-0',
    'tag-0-',
    'tag-0-1-2',
    'tag--1-0',
    'tag-0-1e3',
    'other-0-1',
    'tag-7-1',
    'tag-0-9',
    `tag-0-${'9'.repeat(400)}`,
  ])('does not know the id "%s"', (id) => {
    const log = logOf();
    log.append(log.begin(), message, false);
    expect(log.find(id)).toBeUndefined();
  });

  it('tells what a store that fails did not take, and goes on', () => {
    const fail = (): never => {
      throw new Error('the disk is full');
    };
    const events = memoryEventStore().open('tag');
    let full = true;
    const log = logOf({
      append: (event) => (full ? fail() : events.append(event)),
      after: (stream, at) => events.after(stream, at),
      end: fail,
      close: fail,
    });
    const stream = log.begin();
    const { at } = log.append(stream, message, true);
    full = false;
    const { frame } = log.append(stream, message, true);
    expect(log.after({ stream, at: at - 1 })).toEqual({ frames: [frame], lost: true });
    expect(log.after({ stream, at })).toEqual({ frames: [frame], lost: false });
    log.end(stream, 1);
    log.close();
    expect(logOf({ ...events, after: fail }).after({ stream, at })).toBeUndefined();
  });
});
