import { answerJson, answerWrongMethod } from '../doors/answer-json.ts';
import type { Door } from '../doors/doors.ts';
import { isLocal } from '../doors/is-local.ts';
import { metricsPath } from '../doors/paths.ts';

/** Who is shown metrics: those who ask from this machine, whoever reaches the port, nobody. */
export const metricsAudiences = ['local', 'all', 'off'] as const;
export type MetricsAudience = (typeof metricsAudiences)[number];

export interface MetricsDoorOptions {
  readonly audience: MetricsAudience;
  readonly scrape: () => Promise<string>;
  readonly contentType: string;
}

/** Answers `GET /metrics`. To those who are not shown them there is nothing. */
export function metricsDoor({ audience, scrape, contentType }: MetricsDoorOptions): Door {
  return (path, request, response) => {
    if (path !== metricsPath || audience === 'off' || (audience === 'local' && !isLocal(request))) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') answerWrongMethod(response, 'GET', 'HEAD');
    else
      void scrape().then(
        (text) => {
          response.writeHead(200, {
            'content-type': contentType,
            'content-length': Buffer.byteLength(text),
            'cache-control': 'no-store',
          });
          response.end(request.method === 'HEAD' ? undefined : text);
        },
        () => answerJson(response, 500, { error: 'The metrics could not be collected.' }),
      );
    return true;
  };
}
