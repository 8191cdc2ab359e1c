import type { Findings } from '../document/findings.ts';
import { type Located, type LocatedScalar, plain } from '../document/located.ts';
import { checkRules, type Where } from './check-rules.ts';
import { documentShape, type DocumentShape } from './document-shape.ts';
import { explain, meant } from './explain.ts';

/** Checks all that can be checked of a document in today's names. `undefined` where its shape is wrong; what is wrong is in `problems`. */
export function checkDocument(root: Located, problems: Findings, where: Where = 'fields'): DocumentShape | undefined {
  let result = documentShape.safeParse(plain(root));
  let checked = root;
  if (!result.success) {
    const changes = new Map<LocatedScalar, string | number | boolean>();
    for (const issue of result.error.issues) {
      const change = meant(issue, root);
      if (change !== undefined) changes.set(change.node, change.value);
    }
    if (changes.size > 0) {
      checked = replace(root, changes);
      result = documentShape.safeParse(plain(checked));
    }
  }
  if (!result.success) explain(result.error.issues, checked, problems);
  checkRules(checked, problems, where);
  return result.success ? result.data : undefined;
}

function replace(node: Located, changes: ReadonlyMap<Located, string | number | boolean>): Located {
  switch (node.kind) {
    case 'scalar':
      return { ...node, value: changes.get(node) ?? node.value };
    case 'list':
      return { ...node, items: node.items.map((item) => replace(item, changes)) };
    case 'map':
      return {
        ...node,
        entries: new Map(
          [...node.entries].map(([key, entry]) => [key, { ...entry, node: replace(entry.node, changes) }]),
        ),
      };
  }
}
