import { expect, it } from 'vitest';

import { doorBounds } from './door-bounds.ts';

it.each([
  ['half of few open files', {}, 256, 128],
  ['all but 512 of more', {}, 1_500, 988],
  ['three quarters of many', {}, 20_000, 15_000],
  ['twice the calls in flight where files abound', {}, 1_048_576, 32_768],
  ['what the configuration says, within that', { maxConnections: 900 }, 1_024, 512],
  ['what the configuration says', { maxConnections: 900 }, 20_000, 900],
  ['what the configuration says where there is no limit', { maxConnections: 900_000 }, undefined, 900_000],
])('lets clients hold %s', (_, orchestration, openFiles, maxConnections) => {
  expect(doorBounds({ orchestration }, openFiles)).toEqual({ maxInFlight: 16_384, maxConnections });
});
