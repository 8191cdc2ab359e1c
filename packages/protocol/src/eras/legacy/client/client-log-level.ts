import { type LogLevel, logLevels } from '../../../call.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import type { Channel } from '../../channel/channel.ts';

/**
 * Keeps `logging/setLevel` of a session in step with the most verbose level that any call in flight wants. There is no level for nothing:
 * while no call wants messages the level stays, and what comes is dropped.
 */
export class ClientLogLevel {
  readonly #channel: Channel;
  readonly #offered: boolean;
  readonly #timeoutMs: number;
  #current: LogLevel | undefined;

  /** `offered`: whether the server has the `logging` capability. */
  constructor(channel: Channel, offered: boolean, timeoutMs: number) {
    this.#channel = channel;
    this.#offered = offered;
    this.#timeoutMs = timeoutMs;
  }

  /** A call begins that wants `level`, beside those in flight that want `others` at most. */
  wants(level: LogLevel | undefined, others: LogLevel | undefined): void {
    if (level === undefined) return;
    this.settle(others !== undefined && logLevels.indexOf(others) < logLevels.indexOf(level) ? others : level);
  }

  /** What is wanted now. The request goes ahead of the call on the same channel, so nobody waits for its answer. */
  settle(level: LogLevel | undefined): void {
    if (!this.#offered || level === undefined || level === this.#current || this.#channel.gone !== undefined) return;
    this.#current = level;
    void this.#send(level);
  }

  async #send(level: LogLevel): Promise<void> {
    try {
      await this.#channel.ask('logging/setLevel', () => RawObject.of({ level }), { silenceMs: this.#timeoutMs }).result;
    } catch {
      // The next call that wants messages tries again.
      if (this.#current === level) this.#current = undefined;
    }
  }
}
