import { ToolyardError } from '@toolyard/protocol';
import type { ProfileDefinition } from '@toolyard/registry';
import { openProfile, type OpenProfile, type OpenProfileOptions } from './open-profile.ts';
import type { ProfileView } from './view.ts';

/** More than that are refused. */
const maxViews = 1_024;

/** The views of profiles that are open. */
export interface ProfileViews {
  /** By name, in the order in which they were opened. */
  readonly views: ReadonlyMap<string, ProfileView>;
  /** The same, with what keeps them up to date. */
  readonly open: readonly OpenProfile[];
  /** Opens one, or gives the one of this name another definition. Throws `CONFIG_INVALID` where there are too many. */
  set(profile: ProfileDefinition): ProfileView;
  /** Ends one. Does nothing where there is none. */
  remove(name: string): void;
  /** Ends the subscriptions of all; calls that come later are rejected. */
  end(): void;
}

export function createProfileViews(
  shared: Omit<OpenProfileOptions, 'profile' | 'closing'>,
  profiles: readonly ProfileDefinition[],
): ProfileViews {
  const open = new Map<string, { readonly profile: OpenProfile; readonly ending: AbortController }>();
  const views = new Map<string, ProfileView>();
  const set = (profile: ProfileDefinition): ProfileView => {
    const { name } = profile;
    const known = open.get(name)?.profile;
    if (known !== undefined) {
      known.change(profile);
      return known.view;
    }
    if (open.size >= maxViews) throw tooMany(name);
    const ending = new AbortController();
    const opened = openProfile({ ...shared, profile, closing: ending.signal });
    open.set(name, { profile: opened, ending });
    views.set(name, opened.view);
    return opened.view;
  };
  for (const profile of profiles) set(profile);
  return {
    views,
    set,
    get open() {
      return [...open.values()].map(({ profile }) => profile);
    },
    remove(name) {
      const gone = open.get(name);
      if (gone === undefined) return;
      open.delete(name);
      views.delete(name);
      gone.profile.changes.close();
      gone.ending.abort(
        new ToolyardError('CLOSED', { what: `profile ${name}` }, `The profile ${name} is not there any more.`),
      );
    },
    end() {
      for (const { ending } of open.values()) ending.abort();
    },
  };
}

function tooMany(name: string): ToolyardError<'CONFIG_INVALID'> {
  const message = `There are ${maxViews} profiles already.`;
  const problems = [{ line: 0, column: 0, path: `profiles.${name}`, message }];
  return new ToolyardError('CONFIG_INVALID', { problems }, message);
}
