import { STATUS_CODES } from 'node:http';

/** What no header value has: it would end the line, or is more than a byte. As `node:http` sees it. */
const unfit = /[^\t\x20-\x7e\x80-\xff]/;

/** Writes heads of responses, with what `node:http` adds to each. */
export class ResponseHeads {
  readonly #stays: string;
  #second = 0;
  #date = '';

  /** `idleMs`: how long a socket stays open without a request, which clients are told in seconds; 0: as long as they like. */
  constructor(idleMs: number) {
    const told = idleMs === 0 ? '' : `Keep-Alive: timeout=${Math.trunc(idleMs / 1_000)}\r\n`;
    this.#stays = `Connection: keep-alive\r\n${told}`;
  }

  /** `headers`: name, value, name, value. Throws where a value would not stay in its line. */
  write(status: number, headers: readonly string[], closes: boolean, framing = ''): string {
    let lines = '';
    for (let i = 0; i + 1 < headers.length; i += 2) {
      const [name = '', value = ''] = [headers[i], headers[i + 1]];
      if (unfit.test(value)) throw new TypeError(`The value of the header ${name} has characters that no header has.`);
      lines += `${name}: ${value}\r\n`;
    }
    const connection = closes ? 'Connection: close\r\n' : this.#stays;
    return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n${lines}Date: ${this.#now()}\r\n${connection}${framing}\r\n`;
  }

  #now(): string {
    const nowMs = Date.now();
    const second = Math.trunc(nowMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(nowMs).toUTCString();
    }
    return this.#date;
  }
}
