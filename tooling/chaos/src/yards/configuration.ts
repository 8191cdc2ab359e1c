import { writeFile, rename } from 'node:fs/promises';
import { commandOf, type Host, type UpstreamSpec } from '../upstreams.ts';
import { keptMs, keptTool, specs } from './specs.ts';
import type { Mischief, Pace } from './yard.ts';

/** Comes and goes while the gateway runs. */
export const extra: UpstreamSpec = { id: 'extra', wire: 'stdio', era: 'modern' };

export interface ConfigurationOptions {
  readonly file: string;
  readonly hosts: ReadonlyMap<string, Host>;
  /** For servers that the gateway starts. */
  readonly env: Readonly<Record<string, string>>;
  readonly pace: Pace;
  readonly redis: string | undefined;
  /** Calls of all clients together. */
  readonly maxInFlight: number;
}

/** The configuration file of a gateway that runs. */
export interface ConfigurationFile {
  write(): Promise<void>;
  /** What its operator does with it. */
  readonly mischief: readonly Mischief[];
}

/** Each change is another file in the place of the old one, as editors and orchestrators write them. */
export function configurationFile(options: ConfigurationOptions): ConfigurationFile {
  const { file, hosts, env, pace, redis, maxInFlight } = options;
  const revisions = new Map<string, number>();
  let withExtra = true;
  let writing: Promise<unknown> = Promise.resolve();

  const entry = (spec: UpstreamSpec): Record<string, unknown> => ({
    ...(spec.wire === 'stdio'
      ? { ...commandOf(spec, { ...env, CHAOS_NAME: spec.id }) }
      : { url: hosts.get(spec.id)?.url }),
    tags: [`revision-${revisions.get(spec.id) ?? 0}`],
    calls: pace.calls,
    cache: { tools: { [keptTool]: keptMs } },
    ...(pace.instances !== undefined && { instances: pace.instances }),
  });
  const text = (): string => {
    const { timeoutMs, maxTimeoutMs, connectTimeoutMs, backoff } = pace;
    // YAML 1.2 takes JSON as it is.
    return JSON.stringify({
      servers: Object.fromEntries([...specs, ...(withExtra ? [extra] : [])].map((spec) => [spec.id, entry(spec)])),
      profiles: { everything: {} },
      ...(redis !== undefined && { cache: { redis } }),
      orchestration: { timeoutMs, maxTimeoutMs, connectTimeoutMs, backoff, maxInFlight, logLevel: 'info' },
    });
  };
  const put = (whole: string): Promise<unknown> =>
    (writing = writing.then(async () => {
      await writeFile(`${file}.new`, whole);
      await rename(`${file}.new`, file);
    }));
  return {
    write: async () => void (await put(text())),
    mischief: [
      {
        kind: 'server-changed',
        harmless: true,
        act(server) {
          revisions.set(server, (revisions.get(server) ?? 0) + 1);
          return put(text());
        },
      },
      {
        kind: 'server-added-or-removed',
        harmless: true,
        act() {
          withExtra = !withExtra;
          return put(text());
        },
      },
      { kind: 'file-with-mistakes', harmless: true, act: () => put('{"servers": {"a b": 7') },
      { kind: 'file-as-before', harmless: true, act: () => put(text()) },
    ],
  };
}
