import { type Middleware, RawJson } from '@toolyard/protocol';

/** Beyond the bound of W3C Baggage nothing is forwarded. */
const maxLength = 8_192;

/**
 * Keeps from servers what callers say in `baggage` of `_meta` (W3C Baggage), which is meant for their own house, but for the entries with one of these keys.
 * They are asked for with each call.
 */
export function forwardBaggage(keys: () => readonly string[]): Middleware {
  return (next) => (call) => {
    const meta = call.params.object('_meta');
    if (meta === undefined || !meta.has('baggage')) return next(call);
    const allowed = new Set(keys());
    const left = entriesOf(meta.string('baggage') ?? '').filter((entry) => allowed.has(keyOf(entry)));
    const changed = left.length === 0 ? meta.without('baggage') : meta.with('baggage', RawJson.of(left.join(',')));
    return next({ ...call, params: call.params.with('_meta', changed) });
  };
}

function entriesOf(text: string): readonly string[] {
  return text.length > maxLength ? [] : text.split(',').map((entry) => entry.trim());
}

/** What stands before the value and its properties. */
function keyOf(entry: string): string {
  return entry.slice(0, Math.max(entry.indexOf('='), 0)).trim();
}
