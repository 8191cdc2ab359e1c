/**
 * Does the work, and hears how it ends before whoever waits for the promise that this gives back: for middleware that only watches.
 *
 * What an async function with `try` and `catch` would do, at the price of one promise instead of three, which counts on the way of every call.
 * Work that throws before there is a promise was rejected. The callbacks must not throw: what they throw takes the place of the outcome.
 */
export function whenSettled<T>(
  work: () => Promise<T>,
  answered: ((value: T) => void) | undefined,
  failed: (error: unknown) => void,
): Promise<T> {
  const rejected = (error: unknown): never => {
    failed(error);
    throw error;
  };
  let promise: Promise<T>;
  try {
    promise = work();
  } catch (error) {
    promise = Promise.reject(error);
  }
  if (answered === undefined) return promise.then(undefined, rejected);
  return promise.then((value) => {
    answered(value);
    return value;
  }, rejected);
}
