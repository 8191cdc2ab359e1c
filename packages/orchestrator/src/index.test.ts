import { expect, it } from 'vitest';
import * as orchestrator from './index.ts';

it('exports these names, and no others', () => {
  expect(Object.keys(orchestrator).toSorted()).toEqual([
    'createOrchestrator',
    'defaultLimits',
    'exposedName',
    'modeKey',
    'searchMode',
    'takesCalls',
    'unavailableKey',
  ]);
});
