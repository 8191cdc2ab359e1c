import { describe, expect, it } from 'vitest';

import { chooseEndpoint, healthUrl } from './endpoint.ts';

describe('the endpoint', () => {
  it.each([
    [undefined, {}, 'http://127.0.0.1:7420/mcp'],
    [undefined, { TOOLYARD_URL: '' }, 'http://127.0.0.1:7420/mcp'],
    [undefined, { TOOLYARD_URL: 'http://h:1/mcp' }, 'http://h:1/mcp'],
    ['http://h:2', { TOOLYARD_URL: 'http://h:1/mcp' }, 'http://h:2/mcp'],
    ['https://h/team/mcp', {}, 'https://h/team/mcp'],
  ])('asked for %j with %j is %s', (asked, environment, url) => {
    expect(chooseEndpoint(asked, environment).href).toBe(url);
  });

  it.each([
    ['http://h', 'http://h/mcp/work'],
    ['http://h/mcp', 'http://h/mcp/work'],
    ['https://h/team/mcp/other', 'https://h/team/mcp/work'],
  ])('of a profile at %s is %s', (asked, url) => {
    expect(chooseEndpoint(asked, {}, 'work').href).toBe(url);
  });

  it.each(['nope', 'ftp://h/x'])('cannot be %j', (asked) => {
    expect(() => chooseEndpoint(asked, {})).toThrow('--url must be the URL of a gateway');
  });

  it('has its health beside it', () => {
    expect(healthUrl(new URL('http://h:1/mcp')).href).toBe('http://h:1/health');
  });
});
