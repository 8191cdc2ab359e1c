import { ToolyardError } from '@toolyard/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ToolDocument } from '../tool-document.ts';
import { toolGraph } from './create-tool-graph.ts';
import type { CompletedTool, Edge, RankedTool, ToolGraph } from './tool-graph.ts';

function tool(name: string, more: Partial<ToolDocument> = {}): ToolDocument {
  return { id: name, server: 'shop', name, ...more };
}

function takes(
  required: readonly string[],
  optional: readonly string[] = [],
  descriptions: Readonly<Record<string, string>> = {},
): Partial<ToolDocument> {
  const properties = Object.fromEntries(
    [...required, ...optional].map((name) => [name, { type: 'string', description: descriptions[name] }]),
  );
  return { inputSchema: { type: 'object', properties, required } };
}

function graphOf(...tools: readonly ToolDocument[]): ToolGraph {
  const graph = toolGraph({ now: () => 0 })();
  for (const one of tools) graph.upsert(one);
  return graph;
}

function edgesFrom(graph: ToolGraph, from: string): readonly string[] {
  return [...graph.edges()].filter((edge) => edge.from === from && edge.weight >= 0.2).map(({ to }) => to);
}

function complete(
  graph: ToolGraph,
  ranking: readonly RankedTool[],
  options: {
    readonly limit?: number;
    readonly expand?: 'declared' | 'inferred';
    readonly visible?: (id: string) => boolean;
  } = {},
): readonly CompletedTool[] {
  return graph.complete(ranking, { limit: 10, expand: 'declared', visible: () => true, ...options });
}

const ids = (tools: readonly CompletedTool[]): readonly string[] => tools.map(({ id }) => id);

describe('declared edges', () => {
  const chain = ['a', 'b', 'c', 'd'].map((name, at, all) => tool(name, { dependsOn: all.slice(at + 1, at + 2) }));

  it('complete a selection with all that its members need, nearest first', () => {
    const found = complete(graphOf(...chain), [
      { id: 'a', score: 0.9 },
      { id: 'x', score: 0.1 },
    ]);
    expect(ids(found)).toEqual(['a', 'b', 'c', 'd', 'x']);
    expect(found.map(({ through }) => through)).toEqual([undefined, 'a', 'a', 'a', undefined]);
  });

  it('put what several candidates need before any one of them', () => {
    const graph = graphOf(
      tool('pay_a', { dependsOn: ['login'] }),
      tool('pay_b', { dependsOn: ['login'] }),
      tool('login'),
    );
    const found = complete(graph, [
      { id: 'pay_a', score: 0.5 },
      { id: 'pay_b', score: 0.5 },
    ]);
    expect(found[0]).toMatchObject({ id: 'login', through: 'pay_a' });
    expect(found[0]?.graph).toBeCloseTo(1 - (1 - 0.5 * 0.85) ** 2);
  });

  it('complete also what the query hardly found', () => {
    expect(ids(complete(graphOf(...chain), [{ id: 'a', score: 0.001 }]))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('bring in no more than asked for, nothing that is hidden, and nothing that only what is hidden needs', () => {
    const graph = graphOf(...chain);
    expect(ids(complete(graph, [{ id: 'a', score: 0.9 }], { limit: 2 }))).toEqual(['a', 'b']);
    expect(ids(complete(graph, [{ id: 'a', score: 0.9 }], { visible: (id) => id !== 'b' }))).toEqual(['a']);
  });

  it('wait for tools that are not there yet, and go when they go', () => {
    const graph = graphOf(tool('a', { dependsOn: ['b', 'a'] }));
    expect([...graph.edges()]).toEqual([]);
    graph.upsert(tool('b'));
    expect([...graph.edges()]).toEqual<Edge[]>([{ from: 'a', to: 'b', kind: 'declared', weight: 1 }]);
    graph.remove('b');
    expect(ids(complete(graph, [{ id: 'a', score: 0.9 }]))).toEqual(['a']);
  });

  it('follow a thousand of them, and circles, to an end', () => {
    const many = Array.from({ length: 1000 }, (_, at) => tool(`t${at}`, { dependsOn: [`t${(at + 1) % 1000}`, 't0'] }));
    const graph = graphOf(tool('hub', { dependsOn: many.map(({ id }) => id) }), ...many);
    const found = complete(graph, [{ id: 'hub', score: 1 }], { limit: 1000 });
    expect(new Set(ids(found)).size).toBe(1000);
    expect(found).toHaveLength(1000);
  });
});

describe('inferred edges', () => {
  it('lead from a required parameter to what lists or makes the thing, not to what asks for it too', () => {
    const graph = graphOf(
      tool('cancel_order', takes(['order_id'])),
      tool('list_orders'),
      tool('create_order', takes(['items'])),
      tool('get_order', takes(['order_id'])),
      tool('list_customers'),
    );
    expect(edgesFrom(graph, 'cancel_order')).toEqual(['create_order', 'list_orders']);
  });

  it('lead to what has the value in its output schema', () => {
    const graph = graphOf(
      tool('track', takes(['shipment_number'])),
      tool('checkout', { outputSchema: { type: 'object', properties: { shipment_number: { type: 'string' } } } }),
      tool('browse', { outputSchema: { type: 'object', properties: { title: { type: 'string' } } } }),
    );
    expect(edgesFrom(graph, 'track')).toEqual(['checkout']);
  });

  it('lead to what tells the here and now, in another server too when only one does', () => {
    const clock = tool('get_current_date', { server: 'system' });
    const graph = graphOf(tool('find_flights', takes(['departure_date'])), clock);
    expect(edgesFrom(graph, 'find_flights')).toEqual(['get_current_date']);
    graph.upsert(tool('current_date_get', { server: 'other' }));
    expect(edgesFrom(graph, 'find_flights')).toEqual([]);
  });

  it('lead to the login of the same account', () => {
    const session = takes(['session_id'], [], { session_id: 'The session ID obtained after logging into Acme.' });
    const graph = graphOf(
      tool('acme_cancel', session),
      tool('acme_user_login', takes(['password'])),
      tool('login_to_zenith', takes(['password'])),
    );
    expect(edgesFrom(graph, 'acme_cancel')).toEqual(['acme_user_login']);
    graph.upsert(tool('acme_user_login', { ...takes(['password']), server: 'elsewhere' }));
    expect(edgesFrom(graph, 'acme_cancel')).toEqual(['login_to_zenith']);
  });

  it('lead to a tool that the description names', () => {
    const graph = graphOf(
      tool('render', takes(['handle'], [], { handle: 'What `open_document` gave.' })),
      tool('open_document'),
    );
    expect(edgesFrom(graph, 'render')).toEqual(['open_document']);
  });

  it('lead both ways between reading and setting a state', () => {
    const graph = graphOf(tool('get_lamp_status'), tool('set_lamp_status', takes(['on'])));
    expect([...graph.edges()].map(({ from, to, kind }) => [from, to, kind])).toEqual([
      ['get_lamp_status', 'set_lamp_status', 'sibling'],
      ['set_lamp_status', 'get_lamp_status', 'sibling'],
    ]);
  });

  it('say nothing where too many tools offer the same', () => {
    const many = Array.from({ length: 10_000 }, (_, at) => tool('get_order', { id: `t${at}`, ...takes(['order_id']) }));
    expect([...graphOf(...many).edges()]).toEqual([]);
  });

  it('leave the first half, and the first five, to what the query found', () => {
    const graph = graphOf(tool('cancel_order', takes(['order_id'])), tool('list_orders'));
    const found = ['cancel_order', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((id, at) => ({
      id,
      score: 0.9 / (at + 1) ** 2,
    }));
    expect(ids(complete(graph, found, { expand: 'inferred' })).slice(0, 6)).toEqual([
      'cancel_order',
      'b',
      'c',
      'd',
      'e',
      'list_orders',
    ]);
    expect(ids(complete(graph, found.slice(0, 5), { expand: 'inferred', limit: 5 }))).toEqual([
      'cancel_order',
      'b',
      'c',
      'd',
      'e',
    ]);
    expect(ids(complete(graph, found, { expand: 'declared' }))).not.toContain('list_orders');
  });

  it('are the 16 most certain of a tool', () => {
    const things = Array.from({ length: 20 }, (_, at) => `thing${at}_id`);
    const finders = things.map((thing) => tool(`list_${thing.replace('_id', '')}`));
    const edges = [...graphOf(tool('merge', takes(things.slice(4), things.slice(0, 4))), ...finders).edges()];
    expect(edges).toHaveLength(16);
    expect(new Set(edges.map(({ weight }) => weight)).size).toBe(1);
  });

  it('read what a schema of a megabyte begins with', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, at) => [`p${at}_id`, { description: 'get_a_thing '.repeat(5) }]),
    );
    const graph = graphOf(
      tool('huge', { inputSchema: { properties, required: Object.keys(properties) } }),
      tool('list_p3'),
      tool('list_p9999'),
    );
    expect(edgesFrom(graph, 'huge')).toEqual(['list_p3']);
  });
});

describe('edges from use', () => {
  function clocked(): { readonly graph: ToolGraph; time: number } {
    const clock = { time: 0 };
    return Object.assign(clock, { graph: toolGraph({ useHalfLifeMs: 1000, now: () => clock.time })() });
  }
  const weight = (graph: ToolGraph, from: string, to: string): number | undefined =>
    [...graph.edges()].find((edge) => edge.from === from && edge.to === to)?.weight;

  it('grow with each use, and fade by half in the half-life', () => {
    const rig = clocked();
    for (const id of ['a', 'b']) rig.graph.upsert(tool(id));
    rig.graph.used(['a', 'b', 'a']);
    expect(weight(rig.graph, 'a', 'b')).toBe(1 / 2);
    rig.graph.used(['b', 'a']);
    expect(weight(rig.graph, 'a', 'b')).toBe(2 / 3);
    rig.time = 1000;
    expect(weight(rig.graph, 'b', 'a')).toBe(1 / 2);
    rig.time = 60_000;
    expect(weight(rig.graph, 'a', 'b')).toBeUndefined();
  });

  it('are weaker to a tool the more it is used without the other', () => {
    const { graph } = clocked();
    for (const id of ['hub', 'x', 'y', 'z']) graph.upsert(tool(id));
    for (const id of ['x', 'y', 'z']) graph.used(['hub', id]);
    expect(weight(graph, 'hub', 'x')).toBe(1 / 4);
    expect(weight(graph, 'x', 'hub')).toBe(1 / 2);
  });

  it('outlive a server that goes and comes back', () => {
    const { graph } = clocked();
    for (const id of ['a', 'b']) graph.upsert(tool(id));
    graph.used(['a', 'b']);
    graph.remove('b');
    expect([...graph.edges()]).toEqual([]);
    graph.upsert(tool('b'));
    expect(weight(graph, 'a', 'b')).toBe(1 / 2);
  });

  it('are at most 16 a tool, those with the least use gone', () => {
    const { graph } = clocked();
    for (const id of ['hub', ...Array.from({ length: 40 }, (_, at) => `t${at}`)]) graph.upsert(tool(id));
    for (let round = 0; round < 2; round += 1) graph.used(['hub', 't0']);
    for (let at = 1; at < 40; at += 1) graph.used(['hub', `t${at}`]);
    const kept = [...graph.edges()].filter(({ from }) => from === 'hub').map(({ to }) => to);
    expect(kept).toHaveLength(16);
    expect(kept).toEqual(expect.arrayContaining(['t0', 't39']));
    graph.used(Array.from({ length: 40 }, (_, at) => `t${at}`));
    expect([...graph.edges()].filter(({ from }) => from === 't39')).toHaveLength(1);
  });

  it('are kept for the 8,192 tools that were used last', () => {
    const { graph } = clocked();
    for (let at = 0; at < 8200; at += 2) {
      for (const id of [`t${at}`, `t${at + 1}`]) graph.upsert(tool(id));
      graph.used([`t${at}`, `t${at + 1}`]);
    }
    expect([...graph.edges()]).toHaveLength(8192);
    expect(weight(graph, 't0', 't1')).toBeUndefined();
  });
});

describe('a saved graph', () => {
  it('goes on as it was', () => {
    const graph = graphOf(
      tool('cancel_order', { ...takes(['order_id']), dependsOn: ['login', 'later'] }),
      tool('list_orders'),
      tool('login'),
    );
    graph.used(['login', 'list_orders']);
    const again = toolGraph({ now: () => 0 })(graph.save());
    expect([...again.edges()]).toEqual([...graph.edges()]);
    again.upsert(tool('later'));
    expect(edgesFrom(again, 'cancel_order')).toContain('later');
  });

  it('is refused when it is damaged', () => {
    const saved = graphOf(tool('a', { dependsOn: ['b'] })).save();
    fc.assert(
      fc.property(fc.nat(saved.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = saved.slice();
        bytes[at] = (bytes[at] ?? 0) ^ change;
        expect(() => toolGraph()(bytes)).toThrow(expect.objectContaining({ code: 'INDEX_INVALID' }));
      }),
    );
    expect(() => toolGraph()(saved.subarray(0, -8))).toThrow(ToolyardError);
  });
});

describe('any graph', () => {
  const word = fc.constantFrom(
    'get',
    'list',
    'set',
    'create',
    'order',
    'date',
    'current',
    'login',
    'user',
    'status',
    'id',
    '',
    '__proto__',
    '訂單',
  );
  const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('_') || 'x');
  const schema = fc.record({
    properties: fc.dictionary(name, fc.record({ description: name })),
    required: fc.array(name, { maxLength: 4 }),
  });
  const document = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    server: fc.constantFrom('s', 't'),
    name,
    description: name,
    inputSchema: fc.oneof(schema, fc.jsonValue()),
    outputSchema: fc.oneof(schema, fc.jsonValue()),
    dependsOn: fc.array(fc.constantFrom('a', 'b', 'c', 'z'), { maxLength: 3 }),
  });
  const change = fc.oneof(document, fc.constantFrom('a', 'b', 'c'));
  const byEnds = (edges: Iterable<Edge>): readonly string[] => [...edges].map((edge) => JSON.stringify(edge)).sort();

  it('is what its tools make it, whatever came and went before', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const graph = graphOf();
        const left = new Map<string, ToolDocument>();
        for (const one of changes) {
          if (typeof one === 'string') {
            left.delete(one);
            graph.remove(one);
          } else {
            left.set(one.id, one);
            graph.upsert(one);
          }
        }
        const edges = [...graph.edges()];
        expect(byEnds(edges)).toEqual(byEnds(graphOf(...left.values()).edges()));
        for (const { from, to, weight } of edges) {
          expect(left.has(from) && left.has(to) && from !== to).toBe(true);
          expect(weight > 0 && weight <= 1).toBe(true);
        }
      }),
    );
  });

  it('completes with scores that go down, each tool once, and all that fits of what was found', () => {
    const scored = fc.uniqueArray(
      fc.record({
        id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        score: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      {
        selector: ({ id }) => id,
      },
    );
    fc.assert(
      fc.property(
        fc.array(document, { maxLength: 12 }),
        scored,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('declared', 'inferred'),
        (tools, found, limit, expand) => {
          const completed = complete(
            graphOf(...tools),
            found.toSorted((a, b) => b.score - a.score),
            { limit, expand },
          );
          expect(new Set(ids(completed)).size).toBe(completed.length);
          expect(completed.length).toBeLessThanOrEqual(limit);
          expect(completed.length).toBeGreaterThanOrEqual(Math.min(limit, found.length));
          completed.slice(1).forEach(({ score }, at) => expect(score).toBeLessThanOrEqual(completed[at]?.score ?? 0));
          for (const { score, graph } of completed)
            expect(score >= 0 && score <= 1 && graph >= 0 && graph <= 1).toBe(true);
        },
      ),
    );
  });
});
