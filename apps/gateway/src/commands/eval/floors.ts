import { readFile } from 'node:fs/promises';

import { RawObject, ToolyardError } from '@toolyard/protocol';
import { z } from 'zod';

import { CommandFailure, exitCodes } from '../../cli/exit-codes.ts';
import { oneLine } from '../../cli/table.ts';
import { metricNames } from './metric-names.ts';
import { reasonOf } from './reason-of.ts';
import type { MeasuredSet } from './report.ts';

/** The least that each set has to score, by set and metric. */
export type Floors = Readonly<Record<string, Readonly<Record<string, number>>>>;

const metric = z.string().refine((name) => Object.hasOwn(metricNames, name), 'it is no metric');
const shape = z.record(z.string(), z.record(metric, z.number().min(0).max(1)));

/** Rejects with what is wrong with the file, and where. */
export async function readFloors(path: string, given: string): Promise<Floors> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw wrong(`${given}: it cannot be read (${reasonOf(error)})`, error);
  });
  const read = shape.safeParse(parse(bytes, given));
  if (read.success) return read.data;
  const places = read.error.issues.map(({ path: at, message }) => `  ${at.map(String).join(' > ')}: ${message}`);
  const rule = `it has to be {"<set>": {"<metric>": <least score, 0 to 1>}}; metrics are ${Object.keys(metricNames).join(', ')}`;
  throw wrong([`${given}: ${rule}`, ...places].join('\n'));
}

/** One sentence for each score that is below its floor, or is not there at all. */
export function belowFloors(floors: Floors, sets: readonly MeasuredSet[]): readonly string[] {
  const measured = new Map(sets.map(({ name, parts }) => [name, parts.at(-1)?.evaluation]));
  return Object.entries(floors).flatMap(([set, least]) => {
    const evaluation = measured.get(set);
    if (evaluation === undefined) return [`${oneLine(set)}: it has floors, and is not among the sets.`];
    return Object.entries(metricNames).flatMap(([name, member]) => {
      const floor = least[name];
      if (floor === undefined) return [];
      const score = evaluation.metrics?.[member];
      if (score === undefined) return [`${oneLine(set)}: it has a floor for ${name}, and no labelled query.`];
      return score < floor ? [`${oneLine(set)}: ${name} is ${score.toFixed(4)}, below its floor of ${floor}.`] : [];
    });
  });
}

function parse(bytes: Buffer, given: string): unknown {
  try {
    return RawObject.read(bytes).value;
  } catch (error) {
    if (!ToolyardError.is(error, 'PARSE_ERROR')) throw wrong(`${given}: it is no JSON object`, error);
    const line = bytes.subarray(0, error.facts.offset).toString('latin1').split('\n').length;
    throw wrong(`${given}:${line}: it is no JSON from here on`, error);
  }
}

function wrong(message: string, cause?: unknown): CommandFailure {
  return new CommandFailure(exitCodes.usage, message, { cause });
}
