import { ToolyardError } from '@toolyard/protocol';

import type { Configuration } from '../configuration/configuration.ts';
import { parseConfiguration, type ParseOptions } from '../configuration/parse-configuration.ts';

export function parse(text: string, options: Partial<ParseOptions> = {}): Configuration {
  return parseConfiguration(text, { environment: {}, ...options });
}

/** Every problem as `line:column path: message`. */
export function problems(text: string, options: Partial<ParseOptions> = {}): readonly string[] {
  try {
    parse(text, options);
  } catch (error) {
    if (!ToolyardError.is(error, 'CONFIG_INVALID')) throw error;
    return error.facts.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
  return [];
}
