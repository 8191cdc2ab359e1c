import { distance } from 'fastest-levenshtein';

/** Names compared at most, so that a wrong name costs little whatever the catalogue's size. */
const maxCompared = 5000;
const maxNearest = 3;

/** Up to three of `names` that someone who wrote `wanted` may have meant, the likeliest first. */
export function nearest(wanted: string, names: Iterable<string>): readonly string[] {
  const asked = wanted.slice(0, 128).toLowerCase();
  const within = Math.max(2, Math.floor(asked.length / 3));
  const found: { readonly name: string; readonly far: number }[] = [];
  let compared = 0;
  for (const name of names) {
    if (++compared > maxCompared) break;
    const far = farness(asked, name.toLowerCase());
    if (far <= within) found.push({ name, far });
  }
  found.sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
  return found.slice(0, maxNearest).map(({ name }) => name);
}

/** A name that lacks only its server's part is as near as can be. */
function farness(asked: string, name: string): number {
  return asked.length > 1 && name.endsWith(`__${asked}`) ? 0 : distance(asked, name);
}
