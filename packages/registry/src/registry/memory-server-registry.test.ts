import { expect, it } from 'vitest';
import { memoryServerRegistry } from './memory-server-registry.ts';

it.each([[{ maxServers: 0 }], [{ maxServers: Number.NaN }]])('a registry refuses %o', (options) => {
  expect(() => memoryServerRegistry(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
