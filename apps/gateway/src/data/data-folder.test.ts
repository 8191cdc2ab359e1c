import { describe, expect, it } from 'vitest';

import { dataFolder } from './data-folder.ts';

describe('dataFolder', () => {
  it.each([
    [{ TOOLYARD_DATA: 'mine', HOME: '/h' }, 'linux', '/cwd/mine'],
    [{ TOOLYARD_DATA: '/abs' }, 'linux', '/abs'],
    [{ HOME: '/h' }, 'linux', '/h/.local/state/toolyard'],
    [{ HOME: '/h', XDG_STATE_HOME: '/state' }, 'linux', '/state/toolyard'],
    [{ HOME: '/h', XDG_STATE_HOME: 'relative' }, 'linux', '/h/.local/state/toolyard'],
    [{ HOME: '/h' }, 'darwin', '/h/Library/Application Support/toolyard'],
  ] as const)('%j on %s is %s', (environment, system, folder) => {
    expect(dataFolder(environment, '/cwd', system)).toBe(folder);
  });
});
