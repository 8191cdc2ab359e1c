import type { Caller } from './caller.ts';
import { exchange, HttpConnection } from './http-connection.ts';
import { echoArguments, echoIn, initialize, initialized, post, withoutBody } from './messages.ts';

/** A client of HTTP+SSE (2024-11-05): answers come on the stream, not with the response. */
export async function openSse(url: URL): Promise<Caller> {
  const stream = new HttpConnection(url);
  const posts = new HttpConnection(url);
  let rest = '';
  let next: ((data: string) => void) | undefined;
  let fail: ((reason: Error) => void) | undefined;
  const broken = (reason: Error): void => fail?.(reason);
  stream.send(withoutBody('GET', url), {
    part(text) {
      rest += text.replaceAll('\r\n', '\n');
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const data = /^data: ?(.*)$/m.exec(rest.slice(0, end))?.[1];
        rest = rest.slice(end + 2);
        if (data !== undefined && !data.includes('"method"')) next?.(data);
      }
    },
    done: ({ status }) => broken(new Error(`the event stream ended with status ${status}`)),
    failed: broken,
  });
  const nextData = (): Promise<string> =>
    new Promise((resolve, reject) => {
      next = resolve;
      fail = reject;
    });
  const place = new URL(await nextData(), url);
  const ask = async (message: object): Promise<string> => {
    const answer = nextData();
    await exchange(posts, post(place, message));
    return answer;
  };
  await ask({ ...initialize, params: { ...initialize.params, protocolVersion: '2024-11-05' } });
  await exchange(posts, post(place, initialized));
  const name = echoIn(await ask({ id: 1, method: 'tools/list', params: {} }));
  const request = post(place, { id: 2, method: 'tools/call', params: { name, arguments: echoArguments } });
  return {
    call(done) {
      // Either may come first: the next call begins when both have.
      let data: string | undefined;
      let posted = false;
      const settle = (): void => {
        if (posted && data !== undefined) done(data.includes('"result"') ? undefined : data.slice(0, 300));
      };
      next = (text) => {
        data = text;
        settle();
      };
      fail = (reason) => done(reason.message);
      posts.send(request, {
        done() {
          posted = true;
          settle();
        },
        failed: (reason) => done(reason.message),
      });
    },
    async close() {
      stream.close();
      posts.close();
    },
  };
}
