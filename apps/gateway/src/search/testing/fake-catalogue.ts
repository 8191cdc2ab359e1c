import type { Kind, ServerStatus, ViewTool } from '@toolyard/orchestrator';
import { RawObject } from '@toolyard/protocol';

import type { CatalogueIndexOptions } from '../catalogue-index.ts';

type Listener = (kinds: readonly Kind[]) => void;

/** A catalogue that a test changes: what a server lists, and whether it answers. */
export class FakeCatalogue {
  tools: ReadonlyMap<string, ViewTool> = new Map();
  readonly about: Map<string, string> = new Map();
  readonly listeners: Set<Listener> = new Set();
  readonly events: CatalogueIndexOptions['catalogue']['events'] = {
    catalogue: {
      listen: (listener) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      },
    },
  };
  readonly #servers = new Map<string, Pick<ServerStatus, 'id' | 'state' | 'failedLists'>>();
  readonly #lists = new Map<string, readonly ViewTool[]>();

  servers = (): readonly Pick<ServerStatus, 'id' | 'state' | 'failedLists'>[] => [...this.#servers.values()];

  instructions(id: string): string | undefined {
    return this.about.get(id);
  }

  /** The server answers, and lists these: descriptions by name. */
  list(id: string, tools: Readonly<Record<string, string>>): void {
    this.#servers.set(id, { id, state: 'healthy', failedLists: [] });
    this.#lists.set(
      id,
      Object.entries(tools).map(([name, description]) => {
        const full = `${id}__${name}`;
        const definition = RawObject.of({ name: full, description, inputSchema: { type: 'object' } });
        return { id: full, name: full, server: id, ownName: name, definition };
      }),
    );
    this.#tell();
  }

  /** The server does not answer, or does not say which tools it has. */
  silence(id: string, state: Pick<ServerStatus, 'state' | 'failedLists'>): void {
    this.#servers.set(id, { id, ...state });
    this.#lists.delete(id);
    this.#tell();
  }

  /** The server is not there any more. */
  drop(id: string): void {
    this.#servers.delete(id);
    this.#lists.delete(id);
    this.#tell();
  }

  #tell(): void {
    this.tools = new Map([...this.#lists.values()].flat().map((tool) => [tool.name, tool]));
    for (const listener of this.listeners) listener(['tools']);
  }
}
