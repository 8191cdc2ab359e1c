import type { ProfileView } from '@toolyard/orchestrator';
import type { Service } from '@toolyard/protocol';
import type { HttpListener, MountedEndpoint } from '@toolyard/transport-http';

import { profilePath } from '../doors/paths.ts';

/** Serves these profiles, and no others from now on. */
export type ShowProfiles = (views: Iterable<ProfileView>) => void;

const drainMs = 30_000;

/**
 * The endpoints of profiles, which come and go while others are served. What was served ends its calls for 30 s; its subscriptions and idle sessions end at once. `serviceOf`: what
 * answers for a view; asked once for each time that it is shown.
 */
export function profileEndpoints(
  { mount }: Pick<HttpListener, 'mount'>,
  serviceOf: (view: ProfileView) => Service,
): ShowProfiles {
  const served = new Map<string, { readonly view: ProfileView; readonly mounted: MountedEndpoint }>();
  const open = (path: string, view: ProfileView): MountedEndpoint =>
    mount({
      path,
      service: serviceOf(view),
      // With the places for clients of 2024-11-05 below it.
      sse: { path: `${path}/sse`, messagesPath: `${path}/messages` },
      toolHeaders: (tool) => view.toolHeaders(tool),
    });
  return (views) => {
    const wanted = new Map([...views].map((view) => [profilePath(view.profile.name), view]));
    for (const [path, { view, mounted }] of served) {
      if (wanted.get(path) === view) continue;
      served.delete(path);
      void mounted.close({ drainMs });
    }
    for (const [path, view] of wanted) if (!served.has(path)) served.set(path, { view, mounted: open(path, view) });
  };
}
