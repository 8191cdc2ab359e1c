import { ToolyardError } from '../../../errors/toolyard-error.ts';
import type { PipeConnectOptions } from '../../pipe/pipe-options.ts';
import type { Channel } from '../channel.ts';

/** A server that has sent this many messages that are none is not going to mend. */
const maxBroken = 100;

/**
 * What a server sends that is no JSON-RPC message: many print a line or two to the wrong stream, so it goes to the log and the connection stays;
 * a server that keeps at it is closed.
 */
export class Uncouth {
  readonly #channel: Channel;
  readonly #options: PipeConnectOptions;
  #count = 0;

  constructor(channel: Channel, options: PipeConnectOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  message(error: ToolyardError): void {
    const { upstream, onLog } = this.#options;
    onLog?.(`not a JSON-RPC message: ${error.message}`);
    if (++this.#count < maxBroken) return;
    const reason = `${maxBroken} messages that are not JSON-RPC`;
    void this.#channel.fail(
      new ToolyardError('UPSTREAM_MALFORMED', { upstream, reason }, `${upstream} sent ${reason}.`),
    );
  }
}
