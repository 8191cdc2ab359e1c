import { byPrecedence } from '@toolyard/registry';
import type { MergedList } from '../merge-lists.ts';
import type { Upstream } from '../upstream.ts';
import type { UriTemplate } from './uri-template.ts';
import { readUriTemplate } from './uri-template.ts';

/** Finds the server of a URI. URIs are never rewritten, so several servers may claim one. */
export interface ResourceRoutes {
  /**
   * The first of these that gives one:
   * 1. the server that lists the URI, or has a tool with this user interface, listed or not (ext-apps 2026-01-26; see `findInterfaces`);
   * 2. the server with a template that the URI fits, by priority (lower first), then id, then the order of its list;
   * 3. the only server that has resources at all;
   * 4. the only server that lists anything under the URI's scheme (`memo:`).
   *
   * Otherwise `undefined`: nobody is asked on suspicion, as a URI may be meant for one server's eyes.
   */
  find(uri: string): Upstream | undefined;
  /** The server of a template, written exactly as it is listed. */
  findTemplate(template: string): Upstream | undefined;
}

export interface ResourceRoutesInput {
  readonly upstreams: readonly Upstream[];
  readonly resources: MergedList;
  readonly templates: MergedList;
  /** By URI, whose tool has it as its user interface. */
  readonly interfaces: ReadonlyMap<string, Upstream>;
}

export function resourceRoutes({ upstreams, resources, templates, interfaces }: ResourceRoutesInput): ResourceRoutes {
  const ordered = upstreams.toSorted(byPrecedence);
  const patterns = readPatterns(ordered, templates);
  const serving = ordered.filter((upstream) => upstream.offer?.discovery.capabilities.has('resources') === true);
  const sole = serving.length === 1 ? serving[0] : undefined;
  const schemes = schemeOwners(resources, templates);
  return {
    find: (uri) =>
      resources.routes.get(uri)?.upstream ??
      interfaces.get(uri) ??
      patterns.find(({ template }) => template.matches(uri))?.upstream ??
      sole ??
      schemes.get(schemeOf(uri)),
    findTemplate: (template) => templates.routes.get(template)?.upstream,
  };
}

function readPatterns(
  ordered: readonly Upstream[],
  templates: MergedList,
): readonly { readonly template: UriTemplate; readonly upstream: Upstream }[] {
  return ordered.flatMap((upstream) =>
    (upstream.offer?.lists.templates?.entries ?? []).flatMap(({ name }) => {
      const template = templates.routes.get(name)?.upstream === upstream ? readUriTemplate(name) : undefined;
      return template === undefined ? [] : [{ template, upstream }];
    }),
  );
}

/** Schemes under which exactly one server lists something. */
function schemeOwners(...lists: readonly MergedList[]): ReadonlyMap<string, Upstream | undefined> {
  const owners = new Map<string, Upstream | undefined>();
  for (const { routes } of lists) {
    for (const [uri, { upstream }] of routes) {
      const scheme = schemeOf(uri);
      owners.set(scheme, owners.has(scheme) && owners.get(scheme) !== upstream ? undefined : upstream);
    }
  }
  owners.delete('');
  return owners;
}

function schemeOf(uri: string): string {
  return /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(uri)?.[0].toLowerCase() ?? '';
}
