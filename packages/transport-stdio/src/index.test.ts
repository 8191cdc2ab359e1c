import { expect, test } from 'vitest';
import * as surface from './index.ts';

test('the public names are these', () => {
  expect(Object.keys(surface).toSorted()).toEqual([
    'createGuardian',
    'createProcessGovernor',
    'processMemory',
    'readLog',
    'startChild',
    'stdioTransport',
    'streamPipe',
  ]);
});
