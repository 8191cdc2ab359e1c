import type { TraceContext } from '../call.ts';
import type { HeaderLookup } from './header-names.ts';

/** What later versions may put behind the four fields is bounded by this. */
const maxParentLength = 256;
/** As much as has to be passed on (W3C Trace Context, limits of `tracestate`). */
const maxStateLength = 512;
const parentForm = /^(?!ff)([\da-f]{2})-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(-.*)?$/;
const visible = /^[\x20-\x7e]+$/;
const stateMember = /^[a-z\d][\w\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{1,256}$/;

/**
 * Where a request stands in a trace by its headers (W3C Trace Context, `traceparent` and `tracestate`); `undefined` where they are not what they should be:
 * a broken trace is begun anew, and fails no call. A `tracestate` that is wrong or longer than 512 characters is left out.
 */
export function readTraceContext(header: HeaderLookup): TraceContext | undefined {
  const traceparent = header('traceparent');
  if (traceparent === undefined || traceparent.length > maxParentLength || !visible.test(traceparent)) return undefined;
  const [, version, more] = parentForm.exec(traceparent) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  const tracestate = header('tracestate');
  return tracestate !== undefined && isState(tracestate) ? { traceparent, tracestate } : { traceparent };
}

function isState(text: string): boolean {
  if (text.length > maxStateLength) return false;
  const members = text.split(',').map((member) => member.trim());
  const said = members.filter((member) => member !== '');
  return said.length > 0 && said.length <= 32 && said.every((member) => stateMember.test(member));
}
