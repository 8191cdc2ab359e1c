import { expect, it } from 'vitest';
import { aside, FieldLengths } from './field-lengths.ts';

it('keeps short and long lengths, also after being saved, and forgets what was cleared', () => {
  const made = new FieldLengths();
  made.set(100, [1, 254, 255, 256, 70_000, 0, 0, 3]);
  for (const lengths of [made, FieldLengths.restore(made.save(101))]) {
    const read = Array.from({ length: 8 }, (_, field) => {
      const place = 800 + field;
      const length = lengths.bytes[place] ?? -1;
      return length === aside ? lengths.long(place) : length;
    });
    expect(read).toEqual([1, 254, 255, 256, 65_535, 0, 0, 3]);
    lengths.clear(100);
    expect([...lengths.save(101)].every((length) => length === 0)).toBe(true);
  }
});
