import type { ToolDocument } from '@toolyard/native-index';
import type { ViewTool } from '@toolyard/orchestrator';
import type { ServerDefinition } from '@toolyard/registry';

/** As much of a server's own words as says what it is about. */
const maxAbout = 600;
/** Bounds of the index. */
const maxName = 1_024;
const maxTags = 1_024;

/** What is said about all tools of a server. */
export interface ServerWords {
  readonly tags: readonly string[];
  readonly about: string | undefined;
}

export function serverWords(
  { name, tags, domains }: Pick<ServerDefinition, 'name' | 'tags' | 'domains'>,
  instructions: string | undefined,
): ServerWords {
  const about = [name ?? '', instructions?.trim().slice(0, maxAbout) ?? ''].filter((text) => text !== '').join('. ');
  return {
    tags: [...new Set([...tags, ...domains])].slice(0, maxTags),
    about: about === '' ? undefined : about.toWellFormed(),
  };
}

/** A listed tool as the index takes it in. */
export function toolDocument(
  { id, server, ownName, definition }: ViewTool,
  { tags, about }: ServerWords,
): ToolDocument {
  return {
    id,
    server,
    name: ownName.slice(0, maxName) || id,
    title: definition.string('title') ?? definition.object('annotations')?.string('title'),
    description: definition.string('description'),
    inputSchema: parsed(definition.object('inputSchema')),
    outputSchema: parsed(definition.object('outputSchema')),
    tags,
    serverDescription: about,
  };
}

/** Parsed apart from the definition, which would keep it for as long as the tool is listed. */
function parsed(raw: { readonly text: string } | undefined): unknown {
  return raw === undefined ? undefined : JSON.parse(raw.text);
}
