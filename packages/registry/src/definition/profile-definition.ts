/**
 * What some callers see of everything. Tools are named here as they are called where everything is seen (`server__tool`), whatever `rename`
 * calls them.
 */
export interface ProfileDefinition {
  /** 1 to 32 of `a-z 0-9 - _`, starting and ending with a letter or digit: it becomes part of a path. */
  readonly name: string;
  /** Ids. A server is seen if it is named here or has one of `tags`; without either, all are. */
  readonly servers?: readonly string[];
  readonly tags?: readonly string[];
  /** Patterns of names, in which `*` stands for any characters, or none. Without `include`, every tool of the servers is seen that `exclude` does not take out. */
  readonly tools?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  /** New names: at most 64 characters of `[A-Za-z0-9_-]`, all different. */
  readonly rename?: Readonly<Record<string, string>>;
  readonly describe?: Readonly<Record<string, ToolWording>>;
  /** Tools that are listed as themselves also where the others have to be searched for. */
  readonly pin?: readonly string[];
  /** `direct` (the default): tools are listed. `search`: they are found with meta-tools. `auto`: the one or the other, by `searchBudgetTokens`. */
  readonly mode?: ProfileMode;
  /** What the definitions that `auto` lists directly may cost, in tokens of o200k. */
  readonly searchBudgetTokens?: number;
}

/** What takes the place of a tool's own words. */
export interface ToolWording {
  readonly title?: string;
  readonly description?: string;
}

export const profileModes = ['direct', 'search', 'auto'] as const;
export type ProfileMode = (typeof profileModes)[number];
