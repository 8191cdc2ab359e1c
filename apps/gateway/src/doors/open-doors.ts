import type { ProfileView } from '@toolyard/orchestrator';
import type { Listener, Service } from '@toolyard/protocol';
import type { HttpEndpoint, HttpTransport } from '@toolyard/transport-http';
import type { StdioTransport } from '@toolyard/transport-stdio';

import { profileEndpoints, type ShowProfiles } from '../profiles/profile-endpoints.ts';
import type { DoorBounds } from './door-bounds.ts';
import { type Door, firstOf } from './doors.ts';
import { endpointPath } from './paths.ts';

/** Where clients connect. */
export type ClientPlace = 'stdio' | { readonly host: string; readonly port: number };

export interface OpenDoorsOptions {
  readonly at: ClientPlace;
  readonly http: HttpTransport;
  readonly stdio: StdioTransport;
  readonly serverInfo: { readonly name: string; readonly version: string };
  readonly bounds: DoorBounds;
  /** For clients that name no profile. */
  readonly front: Pick<HttpEndpoint, 'service' | 'toolHeaders'>;
  readonly profileService: (view: ProfileView) => Service;
  /** Over HTTP, what is asked beside MCP. */
  readonly doors: readonly Door[];
}

/** All ways in. */
export interface OpenDoors extends Pick<Listener, 'closed'> {
  /** `undefined` where it serves on stdin and stdout. */
  readonly endpoint: string | undefined;
  /** Serves these profiles, and no others from now on. Over stdin and stdout there is only the front. */
  readonly show: ShowProfiles;
  /** Takes no new calls, and lets those in flight finish for `drainMs`. Safe to call twice. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

/** Rejects with the error of `listen` where the port cannot be had. */
export async function openDoors(options: OpenDoorsOptions): Promise<OpenDoors> {
  const { at, http, stdio, serverInfo, bounds, front, profileService, doors } = options;
  if (at === 'stdio') {
    const listener = await stdio.serve(front.service, { serverInfo, maxInFlight: bounds.maxInFlight });
    return {
      endpoint: undefined,
      closed: listener.closed,
      show: () => undefined,
      close: (given) => listener.close(given),
    };
  }
  const listener = await http.serve(front.service, {
    serverInfo,
    host: at.host,
    port: at.port,
    // Of one caller; nobody is told apart, so it is the bound on all that holds.
    maxInFlight: bounds.maxConnections,
    path: endpointPath,
    maxSockets: bounds.maxConnections,
    ...(front.toolHeaders !== undefined && { toolHeaders: front.toolHeaders }),
    fallback: firstOf(doors),
  });
  return {
    endpoint: listener.address,
    closed: listener.closed,
    show: profileEndpoints(listener, profileService),
    close: (given) => listener.close(given),
  };
}
