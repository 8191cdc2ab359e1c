import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Processes whose command line contains `mark`. */
export async function processesWith(mark: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,args='], { maxBuffer: 64 * 1_048_576 });
  return stdout.split('\n').filter((line) => line.includes(mark));
}
