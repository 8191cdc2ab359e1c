import { execFile } from 'node:child_process';

/** A child process with all its descendants that did not leave it, as one thing to signal. Named by the process id of its leader. */
export interface ProcessGroup {
  /** Whether any process of it is left. */
  exists(): boolean;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

export function processGroup(leader: number, platform: NodeJS.Platform = process.platform): ProcessGroup {
  return platform === 'win32' ? windowsTree(leader) : posixGroup(leader);
}

function posixGroup(leader: number): ProcessGroup {
  // Once empty, the number may be given to others, so it is never used again.
  let isGone = false;
  const send = (name: NodeJS.Signals | 0): void => {
    if (isGone) {
      return;
    }
    try {
      process.kill(-leader, name);
    } catch {
      // ESRCH: empty. EPERM: only processes of another user are left (sudo), which cannot be signalled at all.
      isGone = true;
    }
  };
  return {
    exists: () => {
      send(0);
      return !isGone;
    },
    signal: send,
  };
}

/** Windows knows no groups: `taskkill` walks the tree, which it can do only while the leader lives. */
function windowsTree(leader: number): ProcessGroup {
  return {
    exists: () => false,
    signal: (name) => {
      execFile('taskkill', ['/pid', String(leader), '/T', ...(name === 'SIGKILL' ? ['/F'] : [])], () => undefined);
    },
  };
}
