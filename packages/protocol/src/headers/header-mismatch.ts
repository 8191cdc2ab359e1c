import { ToolyardError } from '../errors/toolyard-error.ts';

/** What a header that disagrees with its body is answered with: 400 and -32020. `reason`: `missing`, or what it does. */
export function headerMismatch(header: string, reason: string): ToolyardError<'HEADER_MISMATCH'> {
  const message = `Header mismatch: ${header} ${reason === 'missing' ? 'is missing' : reason}.`;
  return new ToolyardError('HEADER_MISMATCH', { header, reason }, message);
}
