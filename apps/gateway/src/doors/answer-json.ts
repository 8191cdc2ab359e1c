import type { ServerResponse } from 'node:http';

/** Ends the response with a document that nobody is to keep. */
export function answerJson(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

export function answerWrongMethod(response: ServerResponse, ...allowed: readonly string[]): void {
  answerJson(response, 405, { error: `Only ${allowed[0]}.` }, { allow: allowed.join(', ') });
}
