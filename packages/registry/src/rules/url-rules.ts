import type { Findings } from '../document/findings.ts';
import type { Located, LocatedScalar } from '../document/located.ts';

/** Of a server's one URL. `started`: whether its process is started here. */
export function checkUrl(node: LocatedScalar | undefined, started: boolean, problems: Findings): void {
  if (typeof node?.value !== 'string' || node.value === '') return;
  const mistake = urlMistake(node.value, started);
  if (mistake !== undefined) problems.add(node.at, node.path, mistake);
}

/** Of all its URLs. */
export function checkUrls(urls: Located | undefined, problems: Findings): void {
  if (urls?.kind !== 'list') return;
  const seen = new Set<unknown>();
  for (const node of urls.items) {
    if (node.kind !== 'scalar' || node.broken) continue;
    if (seen.has(node.value))
      problems.add(node.at, node.path, 'this URL is there twice; for more instances of it, use "instances"');
    else checkUrl(node, false, problems);
    seen.add(node.value);
  }
}

/** With "://", or of a scheme that a transport invented, such as `memory:a`; `localhost:80` is none. */
function isComplete(url: string): boolean {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(url)) return true;
  return /^[a-z][a-z0-9+-]+:[^\d/]/i.test(url) && !/^(?:https?|wss?|grpcs?):/i.test(url);
}

function urlMistake(url: string, started: boolean): string | undefined {
  if (url.includes('{port}') && !started)
    return '"{port}" stands for the port of a server that is started here, and there is no "start"';
  if (!isComplete(url))
    return 'this is not a complete URL; it starts with "http://", "https://", or another scheme and "://"';
  const parsed = URL.parse(url.replaceAll('{port}', '1'));
  if (parsed === null) return 'this is not a URL; a right one looks like "https://example.com/mcp"';
  if (parsed.username !== '' || parsed.password !== '')
    return 'a URL cannot carry a user name or password; use "auth" or "headers"';
  return undefined;
}
