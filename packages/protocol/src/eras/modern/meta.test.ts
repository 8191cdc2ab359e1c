import { describe, expect, it } from 'vitest';
import type { Call } from '../../call.ts';
import { RawObject } from '../../wire/raw-object.ts';
import {
  progressTokenOf,
  readMeta,
  subscriptionIdOf,
  withoutSubscriptionId,
  withProgressToken,
  withServerInfo,
  withSubscriptionId,
  writeLegacyMeta,
  writeMeta,
} from './meta.ts';

function raw(text: string): RawObject {
  return RawObject.read(new TextEncoder().encode(text));
}

interface Wants {
  readonly clientInfo?: string;
  readonly capabilities?: string;
  readonly logLevel?: Call['logLevel'];
}

function call(params: string, { clientInfo, capabilities = '{}', logLevel }: Wants = {}): Call {
  return {
    method: 'tools/call',
    params: raw(params),
    caller: {
      principal: 'p',
      tenant: 't',
      clientInfo: clientInfo === undefined ? undefined : raw(clientInfo),
      capabilities: raw(capabilities),
    },
    signal: AbortSignal.abort(),
    deadlineMs: undefined,
    progressToken: undefined,
    logLevel,
    notify: () => Promise.resolve(),
  };
}

const hop = { revision: '2026-07-28', clientInfo: raw('{"name":"toolyard","version":"1"}') };

const full =
  '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},' +
  '"io.modelcontextprotocol/clientInfo":{"name":"toolyard","version":"1"}';

describe('readMeta', () => {
  it('reads what belongs to the hop', () => {
    const meta = readMeta(
      raw(
        '{"name":"x","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1.0"},' +
          '"io.modelcontextprotocol/clientCapabilities":{"elicitation":{ "form":{} }},"progressToken":7,"io.modelcontextprotocol/logLevel":"warning"}}',
      ),
    );
    expect(meta.revision).toBe('2026-07-28');
    expect(meta.clientInfo?.text).toBe('{"name":"c","version":"1.0"}');
    expect(meta.capabilities?.text).toBe('{"elicitation":{ "form":{} }}');
    expect(meta.progressToken).toBe(7);
    expect(meta.logLevel).toBe('warning');
  });

  it.each([
    '{}',
    '{"_meta":null}',
    '{"_meta":[]}',
    '{"_meta":{}}',
    '{"_meta":{"io.modelcontextprotocol/protocolVersion":1,"progressToken":{}}}',
  ])('reads nothing from %s', (params) => {
    expect(readMeta(raw(params))).toEqual({
      revision: undefined,
      clientInfo: undefined,
      capabilities: undefined,
      progressToken: undefined,
      logLevel: undefined,
    });
  });

  it.each([
    ['"abc"', 'abc'],
    ['""', ''],
    ['0', 0],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', undefined],
    ['1.5', undefined],
    ['null', undefined],
  ])('reads the progress token %s as %s', (json, token) => {
    expect(readMeta(raw(`{"_meta":{"progressToken":${json}}}`)).progressToken).toBe(token);
  });

  it.each(['"loud"', '"DEBUG"', '7', 'null'])('marks the log level %s as invalid', (json) => {
    expect(readMeta(raw(`{"_meta":{"io.modelcontextprotocol/logLevel":${json}}}`)).logLevel).toBe('invalid');
  });
});

describe('writeMeta', () => {
  it('adds _meta where there is none', () => {
    expect(writeMeta(call('{}'), hop).text).toBe(`{"_meta":{${full}}}`);
    expect(writeMeta(call('{ "name" : "x" }'), hop).text).toBe(`{ "name" : "x","_meta":{${full}} }`);
  });

  it('prefers what the caller says of itself, verbatim', () => {
    const from = call('{"name":"x"}', {
      clientInfo: '{"version":"2", "name":"c"}',
      capabilities: '{"sampling":{ }}',
      logLevel: 'debug',
    });
    expect(writeMeta(from, { ...hop, progressToken: 12 }).text).toBe(
      '{"name":"x","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"sampling":{ }},' +
        '"io.modelcontextprotocol/clientInfo":{"version":"2", "name":"c"},"io.modelcontextprotocol/logLevel":"debug","progressToken":12}}',
    );
  });

  it('leaves nothing of the hop before, and keeps its place', () => {
    const params =
      '{"_meta":{"progressToken":"theirs","io.modelcontextprotocol/logLevel":"info","io.modelcontextprotocol/protocolVersion":"2099-01-01",' +
      '"io.modelcontextprotocol/clientInfo":{"name":"them","version":"0"},"io.modelcontextprotocol/clientCapabilities":{"roots":{}}},"name":"x"}';
    expect(writeMeta(call(params), hop).text).toBe(`{"_meta":{${full}},"name":"x"}`);
  });

  it('keeps all other members byte for byte', () => {
    const params =
      '{"name":"x","_meta":{ "traceparent" : "00-0af7-b7ad-01","progressToken":1, "com.example/\\u0061":9007199254740993, "b":1e400 },"arguments":{"n":1.0}}';
    expect(writeMeta(call(params), hop).text).toBe(
      `{"name":"x","_meta":{${full}, "traceparent" : "00-0af7-b7ad-01","com.example/\\u0061":9007199254740993, "b":1e400 },"arguments":{"n":1.0}}`,
    );
    expect(writeMeta(call('{"_meta":{"a":1}}'), hop).text).toBe(`{"_meta":{${full},"a":1}}`);
  });

  it('replaces a _meta that is no object', () => {
    expect(writeMeta(call('{"_meta":[1]}'), hop).text).toBe(`{"_meta":{${full}}}`);
  });

  it('writes what readMeta reads', () => {
    const from = call('{"_meta":{"a":1}}', {
      clientInfo: '{"name":"c","version":"1"}',
      capabilities: '{"roots":{}}',
      logLevel: 'alert',
    });
    const meta = readMeta(writeMeta(from, { ...hop, progressToken: 'é"' }));
    expect(meta).toMatchObject({ revision: '2026-07-28', progressToken: 'é"', logLevel: 'alert' });
    expect(meta.clientInfo?.text).toBe('{"name":"c","version":"1"}');
    expect(meta.capabilities?.text).toBe('{"roots":{}}');
  });
});

describe('writeLegacyMeta', () => {
  it.each([
    ['{"name":"x"}', undefined, '{"name":"x"}'],
    ['{"name":"x"}', 5, '{"name":"x","_meta":{"progressToken":5}}'],
    [`{"name":"x","_meta":{${full}}}`, undefined, '{"name":"x"}'],
    [
      `{"_meta":{${full},"progressToken":"theirs"},"name":"x"}`,
      'ours',
      '{"_meta":{"progressToken":"ours"},"name":"x"}',
    ],
    [`{"_meta":{"a" : 1.0,${full}}}`, undefined, '{"_meta":{"a" : 1.0}}'],
    [`{"_meta":{${full},"a" : 1.0}}`, 5, '{"_meta":{"progressToken":5,"a" : 1.0}}'],
    ['{ "_meta":{ "a":1 } }', undefined, '{ "_meta":{ "a":1 } }'],
    ['{"_meta":null}', 5, '{"_meta":{"progressToken":5}}'],
  ])('writes %s with the token %s as %s', (params, progressToken, written) => {
    expect(writeLegacyMeta(call(params), { progressToken }).text).toBe(written);
  });
});

describe('subscription ids', () => {
  it('are stamped and taken off, whatever else _meta holds', () => {
    for (const [params, stamped] of [
      ['{}', '{"_meta":{"io.modelcontextprotocol/subscriptionId":"s-1"}}'],
      ['{"uri":"a:b"}', '{"uri":"a:b","_meta":{"io.modelcontextprotocol/subscriptionId":"s-1"}}'],
      [
        '{"_meta":{"a":1.0},"uri":"a:b"}',
        '{"_meta":{"a":1.0,"io.modelcontextprotocol/subscriptionId":"s-1"},"uri":"a:b"}',
      ],
    ] as const) {
      const object = withSubscriptionId(raw(params), '"s-1"');
      expect(object.text).toBe(stamped);
      expect(subscriptionIdOf(object)).toBe('"s-1"');
      expect(withoutSubscriptionId(object).text).toBe(params);
    }
  });

  it('are told apart by kind: 7 is not "7"', () => {
    expect(subscriptionIdOf(withSubscriptionId(RawObject.empty, '7'))).toBe('7');
    expect(subscriptionIdOf(withSubscriptionId(RawObject.empty, '"7"'))).toBe('"7"');
    expect(subscriptionIdOf(RawObject.empty)).toBeUndefined();
  });

  it('replace one another', () => {
    expect(withSubscriptionId(withSubscriptionId(RawObject.empty, '1'), '2').text).toBe(
      '{"_meta":{"io.modelcontextprotocol/subscriptionId":2}}',
    );
  });
});

describe('progress tokens of notifications', () => {
  it('are read and replaced in place', () => {
    const params = raw('{"progressToken":3,"progress":1.50,"total":2}');
    expect(progressTokenOf(params)).toBe(3);
    expect(withProgressToken(params, 'theirs').text).toBe('{"progressToken":"theirs","progress":1.50,"total":2}');
  });
});

describe('withServerInfo', () => {
  const info = raw('{"name":"toolyard","version":"1"}');

  it('stamps a result that names no server', () => {
    expect(withServerInfo(raw('{"resultType":"complete"}'), info).text).toBe(
      '{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"toolyard","version":"1"}}}',
    );
  });

  it('leaves alone a result that does', () => {
    const result = raw('{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"up"}},"resultType":"complete"}');
    expect(withServerInfo(result, info)).toBe(result);
  });
});
