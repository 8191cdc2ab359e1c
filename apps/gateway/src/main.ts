#!/usr/bin/env node
import { run } from './cli/run.ts';
import { processSurroundings } from './cli/process-surroundings.ts';

const surroundings = processSurroundings(process);
process.exitCode = await run(process.argv, surroundings);
surroundings.leave();
