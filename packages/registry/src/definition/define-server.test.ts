import { expect, it } from 'vitest';
import { defineServer } from './define-server.ts';

it('makes the definition that the same keys make in a file', () => {
  expect(
    defineServer('tickets', {
      url: 'https://tickets.example.com/mcp',
      auth: { type: 'api_key', header: 'X-Api-Key', key: 'k' },
      priority: 5,
      instances: { min: 2, max: 4 },
      calls: { maxConcurrent: 10, idempotent: ['find'] },
    }),
  ).toEqual({
    id: 'tickets',
    target: { url: 'https://tickets.example.com/mcp', headers: { 'X-Api-Key': 'k' } },
    priority: 5,
    domains: [],
    capabilities: [],
    tags: [],
    instances: { min: 2, max: 4 },
    calls: { maxConcurrent: 10, idempotent: ['find'] },
  });
});

it('says all that is wrong, and where, without a line', () => {
  const wrong = (): unknown =>
    defineServer('Bad id', { url: 'nowhere', instances: { min: 3, max: 2 }, calls: { maxConcurrent: 0 } });
  expect(wrong).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      facts: {
        problems: expect.arrayContaining([
          expect.objectContaining({ path: 'servers.….instances.max', message: '"max" is less than "min" (3)' }),
          expect.objectContaining({ path: 'servers.….calls.maxConcurrent' }),
          expect.objectContaining({ path: 'servers.….url' }),
        ]) as unknown,
      },
    }),
  );
});

it('has an id, a text', () => {
  expect(() => Reflect.apply(defineServer, undefined, [undefined, { url: 'http://x' }])).toThrow(
    expect.objectContaining({
      code: 'CONFIG_INVALID',
      facts: { problems: [expect.objectContaining({ path: 'id' })] },
    }),
  );
});
