import { isPlainName, type Located, nowhere, type PathSegment, pathText, type Position } from './located.ts';

/**
 * Where in a document things stand, by the path that problems have, in today's names; of what is not there, the place of the nearest thing above it, and `nowhere` where
 * there is none.
 */
export function placesIn(root: Located): (path: string) => Position {
  const places = new Map<string, Position>();
  const note = (node: Located, at: Position, path: readonly PathSegment[]): void => {
    places.set(pathText(path), node.kind === 'scalar' ? node.at : at);
    noteInside(node, path);
  };
  const noteInside = (node: Located, path: readonly PathSegment[]): void => {
    if (node.kind === 'list') for (const [at, item] of node.items.entries()) note(item, item.at, [...path, at]);
    if (node.kind !== 'map') return;
    // The others all have the same path.
    for (const [key, { keyAt, node: value }] of node.entries) if (isPlainName(key)) note(value, keyAt, [...path, key]);
  };
  noteInside(root, []);
  return (path) => {
    for (let at = path; at !== ''; at = above(at)) {
      const place = places.get(at);
      if (place !== undefined) return place;
    }
    return nowhere;
  };
}

function above(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['), 0));
}
