/** Where the transport of 2024-11-05 is: a stream, and a place to post to. */
export interface SsePaths {
  /** Default `/sse`. */
  readonly path?: string;
  /** Default `/messages`. */
  readonly messagesPath?: string;
}

/** What a request is for. */
export type Place = 'endpoint' | 'events' | 'messages';

/** The paths of one endpoint. */
export class Places {
  readonly messagesPath: string;
  readonly #path: string;
  readonly #eventsPath: string | undefined;

  constructor(path: string, sse: boolean | SsePaths) {
    const { path: eventsPath = '/sse', messagesPath = '/messages' } = typeof sse === 'object' ? sse : {};
    this.#path = path;
    this.#eventsPath = sse === false ? undefined : eventsPath;
    this.messagesPath = messagesPath;
  }

  /** `undefined` where it is for none of them. */
  find(url: string | undefined): Place | undefined {
    if (url === undefined) return undefined;
    if (isAt(url, this.#path)) return 'endpoint';
    if (this.#eventsPath === undefined) return undefined;
    if (isAt(url, this.#eventsPath)) return 'events';
    return isAt(url, this.messagesPath) ? 'messages' : undefined;
  }
}

function isAt(url: string, path: string): boolean {
  return url === path || (url.startsWith(path) && url.charCodeAt(path.length) === 0x3f);
}
