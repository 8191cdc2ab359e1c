import type { InstanceBounds, RestartRules } from '@toolyard/registry';
import type { SeenInstance } from './history.ts';

/** An instance whose time is over: replaced by a new one, or, when it was `idle`, not replaced. */
export interface Recycled {
  readonly server: string;
  readonly instance: number;
  readonly why: 'memory' | 'age' | 'idle';
}

const bytesPerMb = 1_048_576;

/** Those beyond `min` that had no calls for so long, the quietest first. Each URL of several keeps one. */
export function idleOf(
  instances: readonly SeenInstance[],
  bounds: InstanceBounds | undefined,
  nowMs: number,
): readonly number[] {
  const { min = 1, idleMs = Infinity } = bounds ?? {};
  const kept = new Set(instances);
  const isNeeded = ({ url }: SeenInstance): boolean =>
    url !== undefined && [...kept].filter((other) => other.url === url).length === 1;
  const quiet = instances
    .filter(({ quietSinceMs }) => nowMs - quietSinceMs >= idleMs)
    .toSorted((one, other) => one.quietSinceMs - other.quietSinceMs);
  for (const one of quiet) if (kept.size > min && !isNeeded(one)) kept.delete(one);
  return quiet.filter((one) => !kept.has(one)).map(({ instance }) => instance);
}

/** The one that is most over a bound, memory before age. */
export function worstOf(
  instances: readonly SeenInstance[],
  rules: RestartRules | undefined,
  memory: ReadonlyMap<number, number>,
  nowMs: number,
): Pick<Recycled, 'instance' | 'why'> | undefined {
  const { maxMemoryMb = Infinity, maxAgeMs = Infinity } = rules ?? {};
  const bytesOf = ({ pid }: SeenInstance): number => (pid === undefined ? 0 : (memory.get(pid) ?? 0));
  const ageOf = ({ upSinceMs }: SeenInstance): number => nowMs - upSinceMs;
  const large = largest(instances, bytesOf);
  if (large !== undefined && bytesOf(large) > maxMemoryMb * bytesPerMb)
    return { instance: large.instance, why: 'memory' };
  const old = largest(instances, ageOf);
  return old !== undefined && ageOf(old) >= maxAgeMs ? { instance: old.instance, why: 'age' } : undefined;
}

function largest(
  instances: readonly SeenInstance[],
  size: (instance: SeenInstance) => number,
): SeenInstance | undefined {
  return instances.toSorted((one, other) => size(other) - size(one))[0];
}
