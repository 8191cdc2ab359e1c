#!/usr/bin/env node
import { keepCompiled } from './data/keep-compiled.ts';

keepCompiled(process.env, process.cwd());
// All else is loaded after that, so that it is found compiled.
const { main } = await import('./cli/main.ts');
await main(process);
