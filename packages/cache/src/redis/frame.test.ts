import { RawObject } from '@toolyard/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from './frame.ts';

const entry = { result: RawObject.of({ tools: [], n: 1 }), freshMs: 100, staleMs: 50, shared: false };
const frame = encodeFrame('slot', entry, 150, 'stamp');

it('comes back as it was, with its age', () => {
  const decoded = decodeFrame('slot', frame, 110, 'stamp');
  expect(decoded?.result.text).toBe('{"tools":[],"n":1}');
  expect(decoded).toMatchObject({ freshMs: 100, staleMs: 50, ageMs: 40 });
});

it.each([
  ['in another slot', decodeFrame('other', frame, 110, 'stamp')],
  ['under another stamp', decodeFrame('slot', frame, 110, 'later')],
  ['that Redis keeps for ever', decodeFrame('slot', frame, -1, 'stamp')],
  ['that is gone', decodeFrame('slot', frame, -2, 'stamp')],
  ['that Redis keeps for longer than it was to', decodeFrame('slot', frame, 151, 'stamp')],
  ['that is not there', decodeFrame('slot', null, -2, 'stamp')],
])('an entry %s is none', (_, decoded) => {
  expect(decoded).toBeUndefined();
});

it('with any byte altered, with bytes missing or more of them, it is none', () => {
  const places = fc.integer({ min: 0, max: frame.length - 1 });
  fc.assert(
    fc.property(places, fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = Buffer.from(frame);
      altered.writeUInt8((altered[at] ?? 0) ^ change, at);
      expect(decodeFrame('slot', altered, 110, 'stamp')).toBeUndefined();
      expect(decodeFrame('slot', frame.subarray(0, at), 110, 'stamp')).toBeUndefined();
      expect(decodeFrame('slot', Buffer.concat([frame, Buffer.alloc(at + 1)]), 110, 'stamp')).toBeUndefined();
    }),
  );
});

it('anything else is none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(decodeFrame('slot', Buffer.from(bytes), 110, 'stamp')).toBeUndefined();
    }),
  );
});

it('with a right checksum but a result that is no JSON object, it is none', () => {
  for (const bytes of ['{"a":', '[]', '', 'null', '{} {}']) {
    const result = new RawObject(Buffer.from(bytes));
    expect(decodeFrame('slot', encodeFrame('slot', { ...entry, result }, 150, 'stamp'), 110, 'stamp')).toBeUndefined();
  }
});
