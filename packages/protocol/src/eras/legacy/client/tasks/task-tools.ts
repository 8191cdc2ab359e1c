import { cancelled, onAbort } from '../../../../abort.ts';
import type { RawJson } from '../../../../wire/raw-json.ts';
import { RawObject } from '../../../../wire/raw-object.ts';
import type { Channel } from '../../../channel/channel.ts';
import { taskSupportOf } from '../../translate/translate.ts';

/** Tools of one server whose names are kept; those beyond are called as if they ran without tasks. */
const maxTools = 10_000;
/** Pages that are asked for, since a server may page for ever. */
const maxPages = 1_000;

/** Which tools of one session run as tasks. The server is asked once, when that is first needed, and again when its tools have changed. */
export class TaskTools {
  readonly #channel: Channel;
  readonly #timeoutMs: number;
  #tools = new Map<string, 'optional' | 'required'>();
  #reading: Promise<void> | undefined;

  constructor(channel: Channel, timeoutMs: number) {
    this.#channel = channel;
    this.#timeoutMs = timeoutMs;
  }

  /** `undefined` for one that runs without tasks, also where the list could not be read. Rejects only when the signal aborts. */
  async support(name: string, signal: AbortSignal): Promise<'optional' | 'required' | undefined> {
    if (!this.#tools.has(name)) {
      const stop = Promise.withResolvers<never>();
      const forget = onAbort(signal, () => stop.reject(cancelled(signal)));
      try {
        await Promise.race([(this.#reading ??= this.#read()), stop.promise]);
      } finally {
        forget();
      }
    }
    return this.#tools.get(name);
  }

  /** A page of the list has passed by. */
  learn(list: RawObject): void {
    learn(this.#tools, list);
  }

  /** The tools have changed. */
  forget(): void {
    this.#tools = new Map();
    this.#reading = undefined;
  }

  async #read(): Promise<void> {
    const tools = this.#tools;
    try {
      let cursor: RawJson | undefined;
      for (let page = 1; page <= maxPages; page++) {
        const params = cursor === undefined ? RawObject.empty : RawObject.of({ cursor });
        const list = await this.#channel.ask('tools/list', () => params, { silenceMs: this.#timeoutMs }).result;
        learn(tools, list);
        cursor = list.string('nextCursor') === undefined ? undefined : list.member('nextCursor');
        if (cursor === undefined) return;
      }
    } catch {
      // The call goes on as one without a task, and the next one tries again.
      if (tools === this.#tools) this.#reading = undefined;
    }
  }
}

function learn(tools: Map<string, 'optional' | 'required'>, list: RawObject): void {
  for (const tool of list.array('tools') ?? []) {
    const name = tool instanceof RawObject ? tool.string('name') : undefined;
    if (name === undefined || !(tool instanceof RawObject)) continue;
    const support = taskSupportOf(tool);
    if (support === 'forbidden') tools.delete(name);
    else if (tools.size < maxTools || tools.has(name)) tools.set(name, support);
  }
}
