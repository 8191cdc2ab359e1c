import { type HeaderParam, readHeaderParams } from '../../../headers/header-params.ts';
import type { RawJson } from '../../../wire/raw-json.ts';
import { rawArray, RawObject } from '../../../wire/raw-object.ts';

const annotation = 'x-mcp-header';
const defaultMaxTools = 10_000;

/** What a server's tools want mirrored in headers, learnt from the tool lists that pass by. */
export class ToolHeaders {
  readonly #tools = new Map<string, readonly HeaderParam[]>();
  readonly #onLog: ((line: string) => void) | undefined;
  readonly #maxTools: number;

  /** `maxTools`: those learnt first are forgotten beyond it. */
  constructor(onLog: ((line: string) => void) | undefined, maxTools: number = defaultMaxTools) {
    this.#onLog = onLog;
    this.#maxTools = maxTools;
  }

  get size(): number {
    return this.#tools.size;
  }

  of(tool: string): readonly HeaderParam[] | undefined {
    return this.#tools.get(tool);
  }

  /**
   * Reads the result of a `tools/list`; gives it back without the tools whose annotations are wrong, which must not be offered over HTTP
   * (spec: server/tools, `x-mcp-header`). The usual list, which has no annotation, costs a search through its bytes.
   */
  learn(result: RawObject): RawObject {
    if (!mentions(result) && this.#tools.size === 0) return result;
    const tools = result.array('tools');
    if (tools === undefined) return result;
    const kept = tools.filter((tool) => this.#keeps(tool));
    return kept.length === tools.length ? result : result.with('tools', rawArray(kept));
  }

  #keeps(tool: RawJson): boolean {
    const name = tool instanceof RawObject ? tool.string('name') : undefined;
    if (!(tool instanceof RawObject) || name === undefined) return true;
    this.#tools.delete(name);
    if (!mentions(tool)) return true;
    const { params, problems } = readHeaderParams(tool.member('inputSchema')?.value);
    if (problems.length > 0) {
      this.#onLog?.(`tool ${JSON.stringify(name.slice(0, 128))} is left out: ${problems.join('; ').slice(0, 1_000)}`);
      return false;
    }
    if (params.length > 0) this.#tools.set(name, params);
    const [oldest] = this.#tools.keys();
    if (this.#tools.size > this.#maxTools && oldest !== undefined) this.#tools.delete(oldest);
    return true;
  }
}

/** Quick, and wrong only for text that spells the word in another way or means something else by it. */
function mentions({ bytes }: RawJson): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(annotation, 0, 'latin1');
}
