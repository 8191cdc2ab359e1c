import type { ProcessLimits } from '@toolyard/protocol';

/** What each child waits for in a shell: that the guardian knows of it. When the gateway dies before that, the wait ends without a line and so does the process. */
const wait = ['read -r go <&3', 'exec 3<&-'];

/**
 * What a child begins as, for any POSIX shell: it waits if it has to, sets limits on itself, then becomes the command, under the same process id. A limit that
 * the system refuses ends it, with the reason on stderr.
 */
export function gateScript(waits: boolean, limits: ProcessLimits = {}): string {
  return [...(waits ? wait : []), ...ulimits(limits), 'exec "$@"'].join(' && ');
}

function ulimits({ addressSpaceMb, cpuSeconds, openFiles, processes }: ProcessLimits): readonly string[] {
  const set = (value: number | undefined, script: (value: number) => string): readonly string[] =>
    value === undefined ? [] : [script(value)];
  return [
    ...set(addressSpaceMb, (mb) => `ulimit -v ${mb * 1024}`),
    ...set(cpuSeconds, (seconds) => `ulimit -t ${seconds}`),
    ...set(openFiles, (files) => `ulimit -n ${files}`),
    // bash has -u for it, dash and others -p, which in bash is something that cannot be set.
    ...set(processes, (count) => `{ ulimit -u ${count} 2>/dev/null || ulimit -p ${count}; }`),
  ];
}
