import { describe, expect, it } from 'vitest';
import { toGraphJson, toGraphML } from './export-graph.ts';
import type { Edge } from './tool-graph.ts';

const edges: readonly Edge[] = [{ from: 'a<"&\'\u0000\ud800', to: 'gone', kind: 'feeds', weight: 0.5 }];
const nodes = [{ id: 'a<"&\'\u0000\ud800', server: ']]><!--', name: 'tab\there\r\n😀' }];

describe('an exported graph', () => {
  it('is well-formed GraphML, whatever the names hold', () => {
    const text = toGraphML(edges, nodes);
    expect(text).toContain(
      `    <node id="n0"><data key="id">a&lt;&quot;&amp;&apos;\ufffd\ufffd</data><data key="server">]]&gt;&lt;!--</data><data key="name">tab\there&#13;\n😀</data></node>
    <node id="n1"><data key="id">gone</data></node>
    <edge source="n0" target="n1"><data key="kind">feeds</data><data key="weight">0.5</data></edge>
  </graph>`,
    );
    expect(text).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<graphml xmlns="http:\/\/graphml\.graphdrawing\.org\/xmlns">\n/,
    );
  });

  it('is node-link JSON', () => {
    expect(JSON.parse(toGraphJson(edges, nodes))).toEqual({
      directed: true,
      multigraph: true,
      nodes,
      edges: [{ source: edges[0]?.from, target: 'gone', kind: 'feeds', weight: 0.5 }],
    });
  });
});
