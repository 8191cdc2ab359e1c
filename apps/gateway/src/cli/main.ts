import { processSurroundings } from './process-surroundings.ts';
import { run } from './run.ts';

export async function main(real: NodeJS.Process): Promise<void> {
  const surroundings = processSurroundings(real);
  real.exitCode = await run(real.argv, surroundings);
  surroundings.leave();
}
