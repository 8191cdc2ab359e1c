import { describe, expect, it } from 'vitest';
import { HostRule, isLoopback, loopbackHosts, OriginRule } from './origins.ts';

describe('Host', () => {
  const rule = new HostRule([...loopbackHosts(), 'mcp.example.com', 'other.example.com:8443']);

  it.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST',
    '127.0.0.1:1',
    '[::1]',
    '[::1]:8080',
    'mcp.example.com:443',
    'other.example.com:8443',
  ])('%s is ours', (host) => {
    expect(rule.allows(host)).toBe(true);
    expect(rule.allows(host)).toBe(true);
  });

  it.each([
    'evil.example.com',
    'localhost.evil.com',
    '127.0.0.1.evil.com',
    'other.example.com',
    'other.example.com:1',
    'localhost:',
    'localhost:x',
    '',
    undefined,
  ])('%s is not', (host) => {
    expect(rule.allows(host)).toBe(false);
  });

  it('may be anything where no names are given', () => {
    expect(new HostRule(undefined).allows('anything')).toBe(true);
  });
});

describe('Origin', () => {
  it.each(['http://localhost', 'http://localhost:5173', 'https://127.0.0.1:1', 'http://[::1]:80'])(
    '%s is of this machine',
    (origin) => {
      expect(new OriginRule([], true).allows(origin)).toBe(true);
      expect(new OriginRule([], false).allows(origin)).toBe(false);
    },
  );

  it.each([
    'http://localhost.evil.com',
    'http://evil.com/localhost',
    'http://evil.com:80@localhost',
    'null',
    'file://localhost',
    '',
  ])('%s is not', (origin) => {
    expect(new OriginRule([], true).allows(origin)).toBe(false);
  });

  it('is allowed by name, exactly', () => {
    const rule = new OriginRule(['https://App.example'], false);
    expect(rule.allows('https://app.example')).toBe(true);
    expect(rule.allows('http://app.example')).toBe(false);
    expect(rule.allows('https://app.example:8443')).toBe(false);
    expect(new OriginRule(['*'], false).allows('https://any.example')).toBe(true);
  });
});

describe('an address', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]'])('%s is loopback', (host) =>
    expect(isLoopback(host)).toBe(true),
  );
  it.each(['0.0.0.0', '::', '192.168.0.1', '127.evil.com', '1127.0.0.1'])('%s is not', (host) =>
    expect(isLoopback(host)).toBe(false),
  );
});
