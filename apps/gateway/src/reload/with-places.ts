import { ToolyardError } from '@toolyard/protocol';
import { type Configuration, configInvalid } from '@toolyard/registry';

/** A refusal of a configuration that was read from `file`, with the places in it of all that is wrong. Any other error stays as it is. */
export function withPlaces(error: unknown, { placeOf }: Pick<Configuration, 'placeOf'>, file: string): unknown {
  if (!ToolyardError.is(error, 'CONFIG_INVALID')) return error;
  const problems = error.facts.problems.map((problem) =>
    problem.line > 0 ? problem : { ...problem, ...placeOf(problem.path) },
  );
  return Object.assign(configInvalid(problems, file), { cause: error });
}
