import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Drop, placeOf } from '../keys/place.ts';
import { decodeDrop, encodeDrop } from './drop-message.ts';

const place = placeOf({ tenant: 't', principal: 'p', server: 's', topic: 'x', request: 'r' });
const drops: readonly Drop[] = [
  { all: true },
  { server: place.server },
  { topics: [{ server: place.server, topic: place.topic }] },
  { place },
];

describe('a message about a drop', () => {
  it.each(drops)('says %j to others, and nothing to its sender', (drop) => {
    expect(decodeDrop(encodeDrop('me', drop), 'you')).toEqual(drop);
    expect(decodeDrop(encodeDrop('me', drop), 'me')).toBeUndefined();
  });

  it.each([
    '',
    '{',
    'null',
    '{"version":2,"sender":"me","drop":{"server":"s"}}',
    '{"version":1,"drop":{}}',
    'x'.repeat(100_000),
  ])('means everything where it cannot be read: %.40s', (message) => {
    expect(decodeDrop(message, 'me')).toEqual({ all: true });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.json(), (message) => {
        expect(decodeDrop(message, 'me')).toEqual({ all: true });
      }),
    );
  });
});
