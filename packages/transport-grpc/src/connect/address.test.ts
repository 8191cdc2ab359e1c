import { describe, expect, it } from 'vitest';
import { isGrpc, readAddress } from './address.ts';

describe('isGrpc', () => {
  it.each(['grpc://127.0.0.1:50051', 'grpcs://example.com', 'GRPC://example.com:1'])('takes %s', (url) => {
    expect(isGrpc({ url })).toBe(true);
  });

  it.each(['http://x', 'grpc:x', 'dns://x', 'ws://x', ''])('leaves "%s" to others', (url) => {
    expect(isGrpc({ url })).toBe(false);
  });

  it('leaves programs to others, and servers that have to be started', () => {
    expect(isGrpc({ command: 'grpc://' })).toBe(false);
    expect(isGrpc({ url: 'grpc://127.0.0.1:{port}', start: { command: 'server' } })).toBe(false);
  });
});

describe('readAddress', () => {
  it.each([
    ['grpc://127.0.0.1:50051', { target: 'dns:127.0.0.1:50051', shown: 'grpc://127.0.0.1:50051', secure: false }],
    ['grpcs://example.com/', { target: 'dns:example.com:443', shown: 'grpcs://example.com:443', secure: true }],
    ['grpc://[::1]', { target: 'dns:[::1]:80', shown: 'grpc://[::1]:80', secure: false }],
    ['grpcs://u:secret@example.com:1', { target: 'dns:example.com:1', shown: 'grpcs://example.com:1', secure: true }],
  ])('reads %s', (url, address) => {
    expect(readAddress(url, 'far')).toEqual(address);
  });

  it.each([
    ['grpc://', 'The address of far is no URL like grpc://host:port.'],
    ['grpc://x:99999', 'The address of far is no URL like grpc://host:port.'],
    ['grpc://x/mcp', 'The address of far has a path, and gRPC knows none.'],
    ['grpc://x?key=secret', 'The address of far has a path, and gRPC knows none.'],
  ])('refuses %s', (url, message) => {
    expect(() => readAddress(url, 'far')).toThrow(expect.objectContaining({ code: 'UPSTREAM_UNREACHABLE', message }));
  });
});
