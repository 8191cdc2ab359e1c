import type { Edge } from './tool-graph.ts';

/** A tool as a drawing of the graph shows it. */
export interface DrawnTool {
  readonly id: string;
  readonly server: string;
  readonly name: string;
}

/**
 * The graph as GraphML, which yEd, Gephi, Cytoscape and networkx read. Ends of edges that are not among `nodes` become nodes without a name. Characters
 * that XML cannot hold become U+FFFD.
 */
export function toGraphML(edges: Iterable<Edge>, nodes: Iterable<DrawnTool>): string {
  const numbers = new Map<string, number>();
  const shown: string[] = [];
  const show = (id: string, data: string): number => {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(id, number);
    shown.push(`    <node id="n${number}"><data key="id">${escape(id)}</data>${data}</node>`);
    return number;
  };
  for (const { id, server, name } of nodes)
    show(id, `<data key="server">${escape(server)}</data><data key="name">${escape(name)}</data>`);
  const drawn = Array.from(edges, ({ from, to, kind, weight }) => {
    const ends = `source="n${show(from, '')}" target="n${show(to, '')}"`;
    return `    <edge ${ends}><data key="kind">${escape(kind)}</data><data key="weight">${weight}</data></edge>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...['id', 'server', 'name'].map((key) => `  <key id="${key}" for="node" attr.name="${key}" attr.type="string"/>`),
    '  <key id="kind" for="edge" attr.name="kind" attr.type="string"/>',
    '  <key id="weight" for="edge" attr.name="weight" attr.type="double"/>',
    '  <graph id="tools" edgedefault="directed">',
    ...shown,
    ...drawn,
    '  </graph>',
    '</graphml>',
    '',
  ].join('\n');
}

/** The graph as node-link JSON, which networkx and d3 read. */
export function toGraphJson(edges: Iterable<Edge>, nodes: Iterable<DrawnTool>): string {
  return JSON.stringify({
    directed: true,
    multigraph: true,
    nodes: Array.from(nodes, ({ id, server, name }) => ({ id, server, name })),
    edges: Array.from(edges, ({ from, to, kind, weight }) => ({ source: from, target: to, kind, weight })),
  });
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
};

function escape(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replaceAll(/[&<>"'\r]/g, (letter) => entities[letter] ?? letter);
}
