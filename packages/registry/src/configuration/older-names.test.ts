import { ToolyardError } from '@toolyard/protocol';
import { describe, expect, it } from 'vitest';

import { parseConfiguration } from './parse-configuration.ts';

function parse(text: string, environment: Record<string, string> = {}): ReturnType<typeof parseConfiguration> {
  return parseConfiguration(text, { environment });
}

function lines(list: readonly { line: number; column: number; path: string; message: string }[]): readonly string[] {
  return list.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

function problems(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    if (ToolyardError.is(error, 'CONFIG_INVALID')) return lines(error.facts.problems);
    throw error;
  }
  return [];
}

describe('names of the older format', () => {
  const older = `mcp_servers:
  - name: files
    command: node
    working_directory: /srv
    timeout: 30
    domain: storage
  - id: web
    name: The web
    url: https://example.com/mcp
    transport: streamable_http
    connect_timeout: 0.5
resource_cache_ttl: 300
fail_fast: true
max_retries: 3
log_level: WARNING
timeout_seconds: 60
`;

  it('mean what they meant', () => {
    const { servers, orchestration } = parse(older);
    expect(servers).toEqual([
      {
        id: 'files',
        target: { command: 'node', cwd: '/srv' },
        timeoutMs: 30_000,
        domains: ['storage'],
        priority: 0,
        capabilities: [],
        tags: [],
      },
      {
        id: 'web',
        name: 'The web',
        target: { url: 'https://example.com/mcp' },
        transport: 'http',
        connectTimeoutMs: 500,
        priority: 0,
        domains: [],
        capabilities: [],
        tags: [],
      },
    ]);
    expect(orchestration).toEqual({
      resourceCacheTtlMs: 300_000,
      failFast: true,
      maxRetries: 3,
      logLevel: 'warn',
      timeoutMs: 60_000,
    });
  });

  it('are noted with the new name of each', () => {
    expect(lines(parse(older).notices)).toEqual([
      '1:1 mcp_servers: "mcp_servers" is called "servers" now, a mapping of server ids to servers',
      '4:5 mcp_servers[0].working_directory: "working_directory" is called "cwd" now',
      '5:5 mcp_servers[0].timeout: "timeout" is called "timeoutMs" now, in milliseconds',
      '6:5 mcp_servers[0].domain: "domain" is called "domains" now',
      '10:16 mcp_servers[1].transport: the transport "streamable_http" is called "http" now, and finds out by itself which form the server speaks',
      '11:5 mcp_servers[1].connect_timeout: "connect_timeout" is called "connectTimeoutMs" now, in milliseconds',
      '12:1 resource_cache_ttl: "resource_cache_ttl" belongs in "orchestration" now',
      '12:1 resource_cache_ttl: "resource_cache_ttl" is called "resourceCacheTtlMs" now, in milliseconds',
      '13:1 fail_fast: "fail_fast" belongs in "orchestration" now',
      '13:1 fail_fast: "fail_fast" is called "failFast" now',
      '14:1 max_retries: "max_retries" belongs in "orchestration" now',
      '14:1 max_retries: "max_retries" is called "maxRetries" now',
      '15:1 log_level: "log_level" belongs in "orchestration" now',
      '15:1 log_level: "log_level" is called "logLevel" now',
      '16:1 timeout_seconds: "timeout_seconds" belongs in "orchestration" now',
      '16:1 timeout_seconds: "timeout_seconds" is called "timeoutMs" now, in milliseconds',
    ]);
  });

  it('may also stand in a mapping of servers and in "orchestration"', () => {
    const { servers, orchestration } = parse(
      'mcp_servers: {a: {command: x, timeout_ms: 5}}\norchestration: {fail_fast: false, start_concurrency: 2}',
    );
    expect(servers[0]).toMatchObject({ id: 'a', timeoutMs: 5 });
    expect(orchestration).toEqual({ failFast: false, startConcurrency: 2 });
  });

  it('take seconds from references too', () => {
    expect(parse('servers: {a: {command: x, timeout: "${T}"}}', { T: '1.5' }).servers[0]?.timeoutMs).toBe(1_500);
  });

  it('are a problem where the new name is there too', () => {
    const text = `mcp_servers: {}
servers: { a: { command: x, timeout: 1, timeoutMs: 5 } }
fail_fast: true
orchestration: { failFast: true, fail_fast: true, logLevel: info, log_level: info }
`;
    expect(problems(text)).toEqual([
      '1:1 mcp_servers: "mcp_servers" is the older name of "servers", and both are there; keep "servers"',
      '2:29 servers.a.timeout: "timeout" is an older name of "timeoutMs", which is there too; keep "timeoutMs"',
      '3:1 fail_fast: "fail_fast" is also there in "orchestration"; keep that one',
      '4:34 orchestration.fail_fast: "fail_fast" is an older name of "failFast", which is there too; keep "failFast"',
      '4:67 orchestration.log_level: "log_level" is an older name of "logLevel", which is there too; keep "logLevel"',
    ]);
  });

  it('are checked like the new ones, at the place where they stand', () => {
    const text = `mcp_servers:
  - name: a
    command: x
    timeout: soon
  - command: y
  - name: a
    url: http://a/mcp
  - just text
max_retries: many
log_level: loud
`;
    expect(problems(text)).toEqual([
      '4:14 mcp_servers[0].timeout: expected a number of seconds, such as 30 or 0.5',
      '5:5 mcp_servers[1]: each server of the list must be a mapping with an "id" or a "name"',
      '6:5 mcp_servers[2]: a server with this name was already given in line 2; ids must differ',
      '8:5 mcp_servers[3]: each server of the list must be a mapping with an "id" or a "name"',
      '9:14 max_retries: found the text "many"; expected a whole number of attempts from 0 to 1000000',
      '10:12 log_level: found the text "loud"; expected one of "trace", "debug", "info", "warn", "error", "fatal", "silent"',
    ]);
  });
});
