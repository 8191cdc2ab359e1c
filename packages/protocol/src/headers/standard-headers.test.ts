import { describe, expect, it } from 'vitest';
import { RawObject } from '../wire/raw-object.ts';
import { standardHeaders } from './standard-headers.ts';

describe('standardHeaders', () => {
  it.each([
    ['tools/call', { name: 'get_weather' }, 'get_weather'],
    ['prompts/get', { name: 'code_review' }, 'code_review'],
    ['resources/read', { uri: 'file:///ä' }, '=?base64?ZmlsZTovLy/DpA==?='],
    ['tasks/get', { taskId: 't-1' }, 't-1'],
    ['tasks/update', { taskId: 't-1' }, 't-1'],
    ['tasks/cancel', { taskId: 't-1' }, 't-1'],
  ])('mirrors what %s is about in Mcp-Name', (method, params, name) => {
    expect(standardHeaders(method, RawObject.of(params), '2026-07-28')).toEqual({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': name,
    });
  });

  it.each([
    ['tools/list', { name: 'x' }],
    ['tools/call', {}],
    ['tools/call', { name: 7 }],
    ['constructor', { name: 'x' }],
  ])('sends no Mcp-Name for %s with %j', (method, params) => {
    expect(standardHeaders(method, RawObject.of(params), '2026-07-28')).toEqual({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
    });
  });

  it('never lets a method break out of its header', () => {
    expect(standardHeaders('a\r\nX: y', RawObject.empty, '2026-07-28')['mcp-method']).toBe('=?base64?YQ0KWDogeQ==?=');
  });
});
