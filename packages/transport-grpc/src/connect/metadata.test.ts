import { expect, it, vi } from 'vitest';
import { ownMetadata } from './metadata.ts';

it('carries headers under lower-case names, and bytes where the name says so', () => {
  const metadata = ownMetadata({ Authorization: 'Bearer t', 'X-Api-Key': 'k', 'trace-bin': 'AQI=' }, 'far', undefined);
  expect(metadata.getMap()).toEqual({ authorization: 'Bearer t', 'x-api-key': 'k', 'trace-bin': Buffer.from([1, 2]) });
});

it('leaves out what gRPC decides, and says so', () => {
  const onLog = vi.fn<(line: string) => void>();
  const given = {
    'grpc-timeout': '1S',
    'Content-Type': 'text/plain',
    TE: 'x',
    'User-Agent': 'x',
    Host: 'x',
    'mcp-method': 'x',
  };
  expect(ownMetadata(given, 'far', onLog).getMap()).toEqual({});
  expect(onLog.mock.calls.map(([line]) => line)).toContain('header TE is not ours to set: left out');
  expect(onLog).toHaveBeenCalledTimes(6);
});

it.each([
  ['x-key', 'sécret'],
  ['x-key', 'sec\nret'],
  ['x key', 'secret'],
])('refuses "%s" with a value that gRPC cannot carry, without telling it', (name, value) => {
  const message = `gRPC cannot carry the header ${name} for far.`;
  expect(() => ownMetadata({ [name]: value }, 'far', undefined)).toThrow(
    expect.objectContaining({ code: 'UPSTREAM_UNREACHABLE', message }),
  );
});
