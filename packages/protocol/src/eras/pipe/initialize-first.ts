import type { PipeConnectOptions } from './pipe-options.ts';

/** Whether `initialize` is to be the first message, since an earlier `server/discover` was ignored, or ended the server. */
export function saysInitializeFirst({ remember }: PipeConnectOptions): boolean {
  return remember?.eras.recall(remember.endpoint) === 'legacy';
}

export function rememberInitializeFirst({ remember }: PipeConnectOptions): void {
  remember?.eras.remember(remember.endpoint, 'legacy');
}

export function forgetInitializeFirst({ remember }: PipeConnectOptions): void {
  remember?.eras.forget(remember.endpoint);
}
