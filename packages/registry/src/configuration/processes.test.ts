import { expect, it } from 'vitest';

import { parse, problems } from '../testing/parse.ts';

it('how processes are held to bounds becomes part of the definition and of its target', () => {
  const { servers, orchestration } = parse(`servers:
  a:
    command: x
    limits: { addressSpaceMb: 4096, cpuSeconds: 3600, openFiles: 256, processes: 500 }
    instances: { min: 1, max: 4, idleMs: 60000 }
    restart: { maxMemoryMb: 512, maxAgeMs: 86400000 }
  b:
    url: http://127.0.0.1:{port}/mcp
    start: { command: y, limits: { openFiles: 64 } }
    restart: { maxMemoryMb: 1 }
  c: { url: https://example.com/mcp, restart: { maxAgeMs: 3600000 } }
orchestration: { maxProcesses: 32, maxProcessesPerServer: 8 }
`);
  expect(servers).toMatchObject([
    {
      target: {
        command: 'x',
        limits: { addressSpaceMb: 4096, cpuSeconds: 3600, openFiles: 256, processes: 500 },
      },
      instances: { min: 1, max: 4, idleMs: 60_000 },
      restart: { maxMemoryMb: 512, maxAgeMs: 86_400_000 },
    },
    { target: { start: { command: 'y', limits: { openFiles: 64 } } }, restart: { maxMemoryMb: 1 } },
    { restart: { maxAgeMs: 3_600_000 } },
  ]);
  expect(orchestration).toEqual({ maxProcesses: 32, maxProcessesPerServer: 8 });
});

it('what is wrong with that is said', () => {
  const text = `servers:
  a: { command: x, limits: { files: 1, openFiles: 0 }, restart: { maxAge: 1, maxMemoryMb: lots } }
  b: { url: "http://127.0.0.1:{port}/", start: { command: y, limits: { openfiles: 4 } } }
  c: { url: https://example.com/mcp, limits: { openFiles: 4 }, restart: { maxMemoryMb: 512 } }
  d: { command: x, instances: { idle: 1 } }
orchestration: { maxProcesses: 0 }
`;
  expect(problems(text)).toEqual([
    '2:30 servers.a.limits.files: unknown key "files"; known here: addressSpaceMb, cpuSeconds, openFiles, processes',
    '2:51 servers.a.limits.openFiles: found 0; expected a whole number of files from 1 to 1000000',
    '2:67 servers.a.restart.maxAge: unknown key "maxAge"; did you mean "maxAgeMs"?',
    '2:91 servers.a.restart.maxMemoryMb: found the text "lots"; expected a whole number of mebibytes from 1 to 1048576',
    '3:72 servers.b.start.limits.openfiles: unknown key "openfiles"; did you mean "openFiles"?',
    '4:38 servers.c.limits: "limits" belongs to "command"; a server with a "url" has it in "start"',
    '4:75 servers.c.restart.maxMemoryMb: "maxMemoryMb" is for a server that is started here, with "command" or "start"',
    '5:33 servers.d.instances.idle: unknown key "idle"; known here: min, max, idleMs',
    '6:32 orchestration.maxProcesses: found 0; expected a whole number of processes from 1 to 65536',
  ]);
});
