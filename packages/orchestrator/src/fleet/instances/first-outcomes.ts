import type { Failure } from '../../status.ts';
import type { Instance } from './instance.ts';

/** What became of the first attempts so far. */
export interface FirstOutcomes {
  readonly up: readonly Instance[];
  /** Each in the order in which it failed. */
  readonly failures: ReadonlyMap<Instance, Failure>;
}

/** Resolves once `enough` of them are up or have failed, and one of them is up or all have failed. */
export function firstOutcomes(instances: readonly Instance[], enough = 1): Promise<FirstOutcomes> {
  const up: Instance[] = [];
  const failures = new Map<Instance, Failure>();
  const outcome = (): FirstOutcomes => ({ up: [...up], failures: new Map(failures) });
  if (instances.length === 0) return Promise.resolve(outcome());
  return new Promise((resolve) => {
    const came = (instance: Instance, failure: Failure | undefined): void => {
      if (failure === undefined) up.push(instance);
      else failures.set(instance, failure);
      const settled = up.length + failures.size;
      if (settled === instances.length || (settled >= enough && up.length > 0)) resolve(outcome());
    };
    for (const instance of instances) void instance.start().then((failure) => came(instance, failure));
  });
}
