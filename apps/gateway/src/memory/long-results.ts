import { type Middleware, whenSettled } from '@toolyard/protocol';

/** A shorter result hardly counts: its buffers go with what else dies young. */
const longBytes = 65_536;
/**
 * After so many bytes of long results. They left twice as many in buffers by then; from 64 MiB on V8 marks its whole heap. Far fewer would be worse: what is under way during two collections in a
 * row counts as old, and only that marking finds it again.
 */
const collectAfterBytes = 12_582_912;

/**
 * Has the buffers of long results collected soon after their calls.
 *
 * A result of a megabyte leaves two megabytes of buffers and a few small objects. V8 collects what died young when there are many objects, however many
 * bytes they hold elsewhere; against those bytes it marks all that lives, every ten results. That takes twenty times as long, and more than relaying them.
 */
export function collectLongResults(open: () => (() => void) | undefined): Middleware {
  let collection: { readonly collect: (() => void) | undefined } | undefined;
  let bytes = 0;
  const collect = (): void => {
    bytes = 0;
    collection ??= { collect: open() };
    collection.collect?.();
  };
  return (next) => (call) =>
    whenSettled(
      () => next(call),
      ({ result }) => {
        const { length } = result.bytes;
        if (length < longBytes) return;
        const before = bytes;
        bytes += length;
        // When the response has been written, and not in the middle of it.
        if (before < collectAfterBytes && bytes >= collectAfterBytes) setImmediate(collect);
      },
      ignore,
    );
}

function ignore(): void {}
