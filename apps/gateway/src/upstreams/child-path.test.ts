import { describe, expect, it } from 'vitest';

import { childPath } from './child-path.ts';

describe('childPath', () => {
  it('looks in node_modules upwards, then beside this Node, then where everyone looks', () => {
    expect(childPath('/a/b', '/opt/node/bin/node', '/usr/bin:/bin')).toBe(
      '/a/b/node_modules/.bin:/a/node_modules/.bin:/node_modules/.bin:/opt/node/bin:/usr/bin:/bin',
    );
  });

  it('does without a PATH', () => {
    expect(childPath('/', '/n/node', undefined)).toBe('/node_modules/.bin:/n');
  });
});
