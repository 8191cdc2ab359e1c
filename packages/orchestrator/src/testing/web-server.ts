import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('fixtures/http-server.mjs', import.meta.url));

export interface WebServer extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
}

/** A process that serves MCP over HTTP. `port` of a URL that is to be served again. */
export async function webServer(port = '0'): Promise<WebServer> {
  const child = spawn(process.execPath, [web, port], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    url,
    child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
