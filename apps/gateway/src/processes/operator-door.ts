import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import { ToolyardError, toWireError } from '@toolyard/protocol';

import { answerJson, answerWrongMethod } from '../doors/answer-json.ts';
import type { Door } from '../doors/doors.ts';
import { isLocal } from '../doors/is-local.ts';
import { processesPath } from '../doors/paths.ts';
import type { ProcessReport } from './process-report.ts';

export interface OperatorDoorOptions {
  /** What a caller has to show; where there is none, nobody is let in. */
  readonly token: string | undefined;
  readonly processes: () => Promise<ProcessReport>;
}

/**
 * Answers `GET /processes` to those who come from this machine and may read the data folder; returns `false` for all that is not for it. To others there is
 * nothing: ids of processes and names of programs are for who runs the gateway only.
 */
export function operatorDoor({ token, processes }: OperatorDoorOptions): Door {
  return (path, request, response) => {
    if (path !== processesPath || token === undefined || !isLocal(request)) return false;
    const { authorization = '' } = request.headers;
    if (!isSame(authorization, `Bearer ${token}`)) refuse(response);
    else if (request.method !== 'GET') answerWrongMethod(response, 'GET');
    else
      void processes().then(
        (report) => answerJson(response, 200, report),
        () => answerJson(response, 500, { error: 'The processes could not be listed.' }),
      );
    return true;
  };
}

/** In a time that tells nothing of either. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function refuse(response: ServerResponse): void {
  const reason = 'this is for those who may read the data folder of the gateway';
  const { error } = toWireError(new ToolyardError('UNAUTHENTICATED', { reason }, `Not let in: ${reason}.`));
  answerJson(response, 401, { jsonrpc: '2.0', error: error.value }, { 'www-authenticate': 'Bearer' });
}
