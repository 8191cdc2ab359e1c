import { describe, it } from 'vitest';

/** What every implementation must do, by a sentence that says it. Each case gets a rig of its own. */
export type Cases<Rig> = Readonly<Record<string, (rig: Rig) => Promise<void>>>;

/**
 * What an implementation does not do, by the sentence of the case, with the reason. Such a case runs and is expected to fail, so that the entry turns red
 * once it is no longer true. A sentence that is no case is an error.
 */
export type Gaps = Readonly<Record<string, string>>;

/** Each wait within a case has a shorter bound of its own. */
const caseTimeoutMs = 30_000;

/** Registers the cases with vitest, under a name. To be called at the top of a test file. */
export function registerContract<Rig extends AsyncDisposable>(
  name: string,
  cases: Cases<Rig>,
  open: () => Promise<Rig> | Rig,
  gaps: Gaps = {},
): void {
  const unknown = Object.keys(gaps).filter((title) => !Object.hasOwn(cases, title));
  if (unknown.length > 0) throw new Error(`${name} declares gaps that are no cases: ${unknown.join('; ')}`);

  describe(name, () => {
    for (const [title, check] of Object.entries(cases)) {
      const run = async (): Promise<void> => {
        await using rig = await open();
        await check(rig);
      };
      const gap = gaps[title];
      if (gap === undefined) it(title, { timeout: caseTimeoutMs }, run);
      else it.fails(`${title} (gap: ${gap})`, { timeout: caseTimeoutMs }, run);
    }
  });
}
