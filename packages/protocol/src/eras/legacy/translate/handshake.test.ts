import { describe, expect, it } from 'vitest';
import { RawObject } from '../../../wire/raw-object.ts';
import { callerFromInitialize, discoverFromInitialize, initializeResult } from './handshake.ts';

function raw(text: string): RawObject {
  return RawObject.read(new TextEncoder().encode(text));
}

const identity = { revision: '2025-06-18', serverInfo: raw('{"name":"toolyard","version":"1"}') };

describe('callerFromInitialize', () => {
  it('keeps what the client said of itself, without tasks', () => {
    const caller = callerFromInitialize(
      raw(
        '{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"form":{}}, "tasks":{"list":{}},"extensions":{"io.modelcontextprotocol/tasks":{}},"zoom":1.0},"clientInfo":{"name":"c", "version":"1"}}',
      ),
      { principal: 'ada', tenant: 'acme' },
    );
    expect(caller.principal).toBe('ada');
    expect(caller.tenant).toBe('acme');
    expect(caller.clientInfo?.text).toBe('{"name":"c", "version":"1"}');
    expect(caller.capabilities.text).toBe('{"elicitation":{"form":{}}, "zoom":1.0}');
  });

  it('declares nothing for a client that did not', () => {
    const caller = callerFromInitialize(raw('{"capabilities":null}'), { principal: 'p', tenant: 't' });
    expect(caller.capabilities.text).toBe('{}');
    expect(caller.clientInfo).toBeUndefined();
  });
});

describe('initializeResult', () => {
  it('says what the discovery says', () => {
    const discover = raw(
      '{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true},"tasks":{},"x/y":{"n":1.0},' +
        '"extensions":{"io.modelcontextprotocol/tasks":{},"io.modelcontextprotocol/ui":{}}},' +
        '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"Example", "version":"1.0.0"}},"instructions":"Prefer `a`.","zoom":1e400,"ttlMs":3600000,"cacheScope":"public"}',
    );
    expect(initializeResult(discover, identity).text).toBe(
      '{"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"x/y":{"n":1.0},"extensions":{"io.modelcontextprotocol/ui":{}}},' +
        '"instructions":"Prefer `a`.","zoom":1e400,"serverInfo":{"name":"Example", "version":"1.0.0"}}',
    );
  });

  it('names this side where the discovery names nobody, and has capabilities in any case', () => {
    expect(initializeResult(raw('{"_meta":{"a":1}}'), identity).text).toBe(
      '{"protocolVersion":"2025-06-18","_meta":{"a":1},"capabilities":{},"serverInfo":{"name":"toolyard","version":"1"}}',
    );
  });

  it('leaves no empty extensions behind', () => {
    expect(
      initializeResult(raw('{"capabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}'), identity).object(
        'capabilities',
      )?.text,
    ).toBe('{}');
  });
});

describe('discoverFromInitialize', () => {
  const initialize =
    '{"protocolVersion":"2025-11-25","capabilities":{"logging":{},"tasks":{"cancel":{}}},"serverInfo":{"name":"old", "version":"0"},"instructions":"i","zoom":1.0}';

  it('says what the server said', () => {
    expect(discoverFromInitialize(raw(initialize)).text).toBe(
      '{"capabilities":{"logging":{}},"instructions":"i","zoom":1.0,"resultType":"complete","supportedVersions":["2026-07-28"],"ttlMs":0,"cacheScope":"private",' +
        '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"old", "version":"0"}}}',
    );
  });

  it('keeps the rest of _meta', () => {
    expect(discoverFromInitialize(raw('{"_meta":{"a":1.0},"serverInfo":{"name":"o"}}')).object('_meta')?.text).toBe(
      '{"a":1.0,"io.modelcontextprotocol/serverInfo":{"name":"o"}}',
    );
  });

  it('bears with a server that says nothing', () => {
    expect(discoverFromInitialize(RawObject.empty).value).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: {},
      ttlMs: 0,
      cacheScope: 'private',
    });
  });

  it('and initializeResult undo one another, tasks apart', () => {
    const back = initializeResult(discoverFromInitialize(raw(initialize)), { ...identity, revision: '2025-11-25' });
    expect(back.value).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: { logging: {} },
      serverInfo: { name: 'old', version: '0' },
      instructions: 'i',
      zoom: 1,
    });
  });
});
