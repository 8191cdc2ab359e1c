import type { Call, Notification } from '../call.ts';
import { createCall } from '../create-call.ts';
import { RawObject } from '../wire/raw-object.ts';

export interface TestCall extends Call {
  /** What was passed to `notify`, in order. */
  readonly notified: { readonly method: string; readonly params: unknown }[];
  readonly abort: (reason?: unknown) => void;
}

type Overrides = Partial<Omit<Call, 'method' | 'params' | 'caller'>> & {
  readonly params?: Readonly<Record<string, unknown>> | RawObject;
  readonly principal?: string;
  readonly tenant?: string;
  readonly capabilities?: Readonly<Record<string, unknown>>;
  readonly onNotify?: (notification: Notification) => void;
};

/** A call with as little as possible in it, that keeps what its caller is told. */
export function testCall(method: string, overrides: Overrides = {}): TestCall {
  const { params = {}, principal = 'anonymous', tenant = 'default', capabilities = {}, onNotify, ...rest } = overrides;
  const controller = new AbortController();
  const notified: { method: string; params: unknown }[] = [];
  return {
    ...createCall(method, {
      params,
      caller: { principal, tenant, capabilities: RawObject.of(capabilities) },
      signal: controller.signal,
    }),
    notify(notification) {
      notified.push({ method: notification.method, params: notification.params.value });
      onNotify?.(notification);
      return Promise.resolve();
    },
    ...rest,
    notified,
    abort: (reason) => controller.abort(reason),
  };
}
