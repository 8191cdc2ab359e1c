import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IdTable } from './id-table.ts';

const step = fc.record({ slot: fc.nat(300), id: fc.string({ maxLength: 3 }), remove: fc.boolean() });

it('finds what was added and not deleted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const ids: string[] = [];
      const table = new IdTable(ids);
      const model = new Map<string, number>();
      for (const { slot, id, remove } of steps) {
        const taken = [...model].find(([, other]) => other === slot);
        if (remove && taken !== undefined) {
          table.delete(slot);
          model.delete(taken[0]);
        } else if (!remove && taken === undefined && !model.has(id)) {
          ids[slot] = id;
          table.add(id, slot);
          model.set(id, slot);
        }
      }
      for (const { id } of steps) expect(table.slot(id)).toBe(model.get(id));
      expect(table.size).toBe(model.size);
    }),
  );
});
