import { expect, it } from 'vitest';

import * as surface from './index.ts';

it('exports these names and no others', () => {
  expect(Object.keys(surface).toSorted()).toEqual([
    'adviceOn',
    'byPrecedence',
    'checkDefinition',
    'checkProfiles',
    'configInvalid',
    'defineServer',
    'logThresholds',
    'maxInstances',
    'memoryServerRegistry',
    'openFile',
    'parseConfiguration',
    'parseSecret',
    'readConfiguration',
    'readDefinition',
    'targetsOf',
  ]);
});
