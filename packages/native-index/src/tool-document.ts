/** A tool as the index takes it in: what an MCP server lists, and what is known about its server. */
export interface ToolDocument {
  /** Unique in the index; what a search answers with. */
  readonly id: string;
  /** The server that offers it; tools of one server are discounted and weighted together. */
  readonly server: string;
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments, as an object. Read up to a bounded depth and number of properties. */
  readonly inputSchema?: unknown;
  readonly outputSchema?: unknown;
  readonly category?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly serverDescription?: string | undefined;
  /** Tools of the same index that have to be called before it. Ids that are not in the index (yet) are kept and wait. */
  readonly dependsOn?: readonly string[] | undefined;
}
