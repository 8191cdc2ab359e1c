import { faultsOf, isCostly, mayAnswer, type Fault } from '../faults.ts';
import type { Random } from '../random.ts';
import type { UpstreamSpec } from '../upstreams.ts';

/** One call, decided before it is made. */
export interface Plan {
  readonly key: string;
  readonly server: string;
  readonly tool: 'do' | 'again' | 'keep';
  /** The arguments, which the reply has to carry byte for byte; of `keep`, beside a serial number that no two principals may be given. */
  readonly args: string;
  readonly fault: Fault | undefined;
  /** Whether a result is one of the things that may come of it. */
  readonly mayAnswer: boolean;
  readonly wantsProgress: boolean;
  /** How many reports have to come before the reply, where nothing goes wrong. */
  readonly reports: number;
  readonly deadlineInMs: number | undefined;
  readonly cancelInMs: number | undefined;
}

export interface PlanRules {
  /** How likely a call is to ask for a fault. */
  readonly faultRate: number;
  /** How likely that is one of the costly ones. */
  readonly costlyRate: number;
}

/** Spellings that must survive: what a parser would write differently. */
const oddities = '"odd":[1.0,-0,1e400,12345678901234567890,"\\u0061\\/"],';
const words = ['plain', 'ä ö ü', '日本語', '🎉🎉', '\u2028', '"quoted"', '\\', '\u0000', 'x'.repeat(2_000)];

/** `exact`: whether the caller sees replies as they were spelled. */
export function makePlan(
  random: Random,
  caller: string,
  turn: number,
  servers: readonly UpstreamSpec[],
  rules: PlanRules,
  exact: boolean,
): Plan {
  const { id: server, wire } = random.pick(servers);
  if (random.chance(0.05)) return keptPlan(random, server);
  const tool = random.chance(0.3) ? 'again' : 'do';
  const key = `${tool}-${caller}-${turn}`;
  const fault = faultFor(random, wire, rules);
  const kind = random.next();
  const act = kind < 0.02 ? 'hold' : kind < 0.06 ? 'slow' : kind < 0.16 ? 'progress' : 'echo';
  const holds = act === 'hold' && fault === undefined;
  const ms = act === 'slow' ? random.whole(5, 200) : 0;
  const text = JSON.stringify(`${random.pick(words)} ${random.whole(0, 2 ** 31)}`);
  const odd = exact && random.chance(0.3) ? oddities : '';
  const limit = random.next();
  return {
    key,
    server,
    tool,
    args: `{"key":"${key}","act":"${act}","ms":${ms},"fault":"${fault ?? ''}",${odd}"text":${text},"end":0}`,
    fault,
    mayAnswer:
      !holds && (fault === undefined || tool === 'again' || mayAnswer(fault, wire === 'http' ? 'http' : 'pipe')),
    wantsProgress: act === 'progress',
    // On a pipe one may be swallowed by a message that was left unfinished before it.
    reports: act === 'progress' && fault === undefined && wire === 'http' ? 3 : 0,
    deadlineInMs: limit < 0.2 ? random.whole(50, 1_500) : undefined,
    cancelInMs: holds || (limit > 0.97 && fault === undefined) ? random.whole(1, 300) : undefined,
  };
}

/** The same for many callers, and answered from what is kept for a while. */
function keptPlan(random: Random, server: string): Plan {
  const key = `keep-${random.whole(1, 2)}`;
  return {
    key,
    server,
    tool: 'keep',
    args: `{"key":"${key}","end":0}`,
    fault: undefined,
    mayAnswer: true,
    wantsProgress: false,
    reports: 0,
    deadlineInMs: random.chance(0.1) ? random.whole(50, 1_500) : undefined,
    cancelInMs: undefined,
  };
}

function faultFor(random: Random, wire: UpstreamSpec['wire'], rules: PlanRules): Fault | undefined {
  if (!random.chance(rules.faultRate)) return undefined;
  const known = faultsOf(wire);
  const costly = random.chance(rules.costlyRate);
  return random.pick(known.filter((fault) => isCostly(fault, wire) === costly));
}
