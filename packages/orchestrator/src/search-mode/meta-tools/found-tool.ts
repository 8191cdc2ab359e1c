import type { ViewTool } from '../../views/view.ts';
import { oneLine, signature } from '../schema/signature.ts';

/** A tool that was found, as short as it can be said. */
export interface FoundEntry {
  readonly name: string;
  readonly server: string;
  readonly description: string;
  readonly arguments: string;
  readonly score: number;
}

export function foundEntry({ name, server, definition }: ViewTool, score: number): FoundEntry {
  return {
    name,
    server,
    description: oneLine(definition.string('description') ?? definition.string('title') ?? ''),
    arguments: signature(definition.member('inputSchema')?.value),
    score: Math.round(score * 1_000) / 1_000,
  };
}

/** `read(path: string): Reads a file.` */
export function foundLine({ name, arguments: args, description }: FoundEntry): string {
  return `${name}(${args})${description === '' ? '' : `: ${description}`}`;
}
