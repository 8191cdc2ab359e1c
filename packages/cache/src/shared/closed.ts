import { ToolyardError } from '@toolyard/protocol';

/** What a store that was closed rejects with. */
export function closedStore(): ToolyardError<'CLOSED'> {
  return new ToolyardError('CLOSED', { what: 'cache' }, 'The cache is closed.');
}
