import { takesCalls } from '@toolyard/orchestrator';

import { type GatewayStatus, healthCode } from '../status/status.ts';
import { unreadiness } from '../status/unreadiness.ts';
import { answerJson, answerWrongMethod } from './answer-json.ts';
import type { Door } from './doors.ts';
import { healthPath } from './paths.ts';

export interface HealthOptions {
  readonly status: () => GatewayStatus;
  /** Whether each server has been tried. */
  readonly settled: () => boolean;
}

interface Answer {
  readonly code: number;
  readonly body: unknown;
}

/**
 * Answers what is asked about health: `/health` with all that is known, `/health/live` while the process answers at all, `/health/ready` whether calls should be sent
 * here, `/health/<id>` about one server.
 */
export function healthDoor({ status, settled }: HealthOptions): Door {
  const places: Readonly<Record<string, () => Answer>> = {
    [healthPath]: () => {
      const body = status();
      return { code: healthCode(body.status), body };
    },
    [`${healthPath}/live`]: () => ({ code: 200, body: { status: 'live' } }),
    [`${healthPath}/ready`]: () => {
      const reasons = unreadiness(status(), settled());
      return reasons.length === 0
        ? { code: 200, body: { status: 'ready' } }
        : { code: 503, body: { status: 'unready', reasons } };
    },
  };
  const ofServer = (id: string): Answer | undefined => {
    const server = status().servers.find((one) => one.id === id);
    return server && { code: takesCalls(server.state) ? 200 : 503, body: server };
  };
  return (path, { method }, response) => {
    const place = Object.hasOwn(places, path) ? places[path] : undefined;
    const prefix = `${healthPath}/`;
    const answer = place?.() ?? (path.startsWith(prefix) ? ofServer(path.slice(prefix.length)) : undefined);
    if (answer === undefined) return false;
    if (method === 'GET' || method === 'HEAD') answerJson(response, answer.code, answer.body);
    else answerWrongMethod(response, 'GET', 'HEAD');
    return true;
  };
}
