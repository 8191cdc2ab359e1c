/** What is kept of the tasks of a server of 2025-11-25. */
export interface TaskOptions {
  /** Tasks at once with one server, all callers together. Default 1,000. */
  readonly maxTasks?: number;
  /** The same for one principal of one tenant, so that none takes the room of all. Default 100. */
  readonly maxTasksPerPrincipal?: number;
  /** How long a task is kept from its creation, whatever its server would do; the server is asked for the same. Default 3,600,000. */
  readonly ttlMs?: number;
}
