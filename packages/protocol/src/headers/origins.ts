const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Which names the endpoint goes by. Guards against DNS rebinding: a page that makes the browser ask us under a name of its own
 * (spec: basic/transports/streamable-http, security).
 */
export class HostRule {
  readonly #names: ReadonlySet<string> | undefined;
  /** Values of `Host` that were found good; few, since each is a name with a port. */
  readonly #known = new Set<string>();

  /** `undefined` allows every name. */
  constructor(names: readonly string[] | undefined) {
    this.#names = names === undefined ? undefined : new Set(names.map((name) => name.toLowerCase()));
  }

  allows(host: string | undefined): boolean {
    if (this.#names === undefined) return true;
    if (host === undefined) return false;
    if (this.#known.has(host)) return true;
    const name = host.toLowerCase();
    const good = this.#names.has(name) || this.#names.has(withoutPort(name));
    if (good && this.#known.size < 100) this.#known.add(host);
    return good;
  }
}

/** Which pages may ask. A request without `Origin` does not come from a page of another site. */
export class OriginRule {
  readonly #origins: ReadonlySet<string>;
  readonly #loopback: boolean;

  /** `origins`: `https://app.example`, or `*` for all. `loopback`: pages of this machine, on any port. */
  constructor(origins: readonly string[], loopback: boolean) {
    this.#origins = new Set(origins.map((origin) => origin.toLowerCase()));
    this.#loopback = loopback;
  }

  allows(origin: string): boolean {
    const asked = origin.toLowerCase();
    if (this.#origins.has('*') || this.#origins.has(asked)) return true;
    if (!this.#loopback) return false;
    const at = asked.indexOf('://');
    const scheme = asked.slice(0, at);
    return (scheme === 'http' || scheme === 'https') && loopbackNames.includes(withoutPort(asked.slice(at + 3)));
  }
}

/** Whether an address to bind is of this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** The names that an endpoint bound to loopback goes by. */
export function loopbackHosts(): readonly string[] {
  return loopbackNames;
}

function withoutPort(host: string): string {
  return host.replace(/:\d{1,5}$/, '');
}
