/** The four lists of MCP: how each is asked for, read, and told about. */
export interface ListKind {
  readonly method: 'tools/list' | 'prompts/list' | 'resources/list' | 'resources/templates/list';
  /** The member of the list result that holds the entries. */
  readonly member: 'tools' | 'prompts' | 'resources' | 'resourceTemplates';
  /** The server capability without which the list is not asked for. */
  readonly capability: 'tools' | 'prompts' | 'resources';
  /** The member by which an entry is addressed. */
  readonly key: 'name' | 'uri' | 'uriTemplate';
  /** The notification that tells of a change; resources and templates share one. */
  readonly changed: ChangeMethod;
  /** The flag of a subscription filter that asks for that notification. */
  readonly flag: ChangeFlag;
}

export type Kind = 'tools' | 'prompts' | 'resources' | 'templates';
export type ChangeFlag = 'toolsListChanged' | 'promptsListChanged' | 'resourcesListChanged';
export type ChangeMethod =
  | 'notifications/tools/list_changed'
  | 'notifications/prompts/list_changed'
  | 'notifications/resources/list_changed';

export const kinds: readonly Kind[] = ['tools', 'prompts', 'resources', 'templates'];

export const listKinds: Readonly<Record<Kind, ListKind>> = {
  tools: {
    method: 'tools/list',
    member: 'tools',
    capability: 'tools',
    key: 'name',
    changed: 'notifications/tools/list_changed',
    flag: 'toolsListChanged',
  },
  prompts: {
    method: 'prompts/list',
    member: 'prompts',
    capability: 'prompts',
    key: 'name',
    changed: 'notifications/prompts/list_changed',
    flag: 'promptsListChanged',
  },
  resources: {
    method: 'resources/list',
    member: 'resources',
    capability: 'resources',
    key: 'uri',
    changed: 'notifications/resources/list_changed',
    flag: 'resourcesListChanged',
  },
  templates: {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    capability: 'resources',
    key: 'uriTemplate',
    changed: 'notifications/resources/list_changed',
    flag: 'resourcesListChanged',
  },
};

/** One value of each list. */
export function perKind<T>(make: (kind: Kind) => T): Record<Kind, T> {
  return { tools: make('tools'), prompts: make('prompts'), resources: make('resources'), templates: make('templates') };
}
