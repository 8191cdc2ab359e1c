import { describe, expect, it } from 'vitest';
import { RawObject } from '../wire/raw-object.ts';
import { requestEra } from './request-era.ts';

const version = 'io.modelcontextprotocol/protocolVersion';
const capabilities = 'io.modelcontextprotocol/clientCapabilities';

describe('requestEra', () => {
  it.each<[string, string, Record<string, unknown>, string | undefined]>([
    ['names its version', 'tools/list', { _meta: { [version]: '2026-07-28' } }, undefined],
    ['names a version of no sense', 'tools/list', { _meta: { [version]: 7 } }, undefined],
    ['has the header but not the body of one', 'server/discover', {}, '2026-07-28'],
    ['has the header of a version to come', 'server/discover', {}, ' 2027-01-01'],
    [
      'is an initialize with all of _meta',
      'initialize',
      { _meta: { [version]: '2026-07-28', [capabilities]: {} } },
      '2026-07-28',
    ],
  ])('reads by the new rules what %s', (_what, method, params, header) => {
    expect(requestEra(method, RawObject.of(params), header)).toBe('modern');
  });

  it.each<[string, string, Record<string, unknown>, string | undefined]>([
    ['has neither', 'tools/list', {}, undefined],
    ['has the header of an older version', 'tools/list', { _meta: { progressToken: 1 } }, '2025-11-25'],
    ['is an initialize', 'initialize', { protocolVersion: '2025-11-25' }, undefined],
    ['is an initialize with half a _meta', 'initialize', { _meta: { [version]: '2026-07-28' } }, undefined],
    [
      'is an initialize whose _meta names an older version',
      'initialize',
      { _meta: { [version]: '2025-11-25', [capabilities]: {} } },
      undefined,
    ],
    ['has a _meta that is no object', 'tools/list', { _meta: version }, undefined],
  ])('reads by the old rules what %s', (_what, method, params, header) => {
    expect(requestEra(method, RawObject.of(params), header)).toBe('legacy');
  });

  it('refuses an initialize under a version that has none', () => {
    expect(() => requestEra('initialize', RawObject.of({ protocolVersion: '2025-11-25' }), '2026-07-28')).toThrow(
      expect.objectContaining({ code: 'HEADER_MISMATCH' }),
    );
  });
});
