import { cached, memoryStore } from '@toolyard/cache';
import { createCall, RawObject, type Service, ToolyardError } from '@toolyard/protocol';

// A server: it answers twice, and then it is gone.
let answered = 0;
const notes: Service = async () => {
  if (answered === 2) throw new ToolyardError('UPSTREAM_CLOSED', { upstream: 'notes' }, 'The server is gone.');
  answered += 1;
  const tools = [{ name: `version-${answered}`, inputSchema: { type: 'object' } }];
  return { result: RawObject.of({ resultType: 'complete', tools, ttlMs: 50, cacheScope: 'private' }) };
};

await using store = memoryStore({ maxBytes: 16_000_000 });
const service = cached({ server: 'notes', store })(notes);

// A hundred callers at once, one request.
const list = createCall('tools/list', { caller: { principal: 'ann' } });
const replies = await Promise.all(Array.from({ length: 100 }, () => service(list)));
console.log(replies.length, answered);

// Another principal has an answer of its own.
await service(createCall('tools/list', { caller: { principal: 'bob' } }));
console.log(answered, store.stats().entries);

// The time is over and the server is down: the old answer, marked.
await new Promise((resolve) => setTimeout(resolve, 60));
const { result } = await service(list);
console.log(
  result.member('ttlMs')?.value,
  result.object('_meta')?.object('io.github.toolyard/cache')?.member('stale')?.value,
);
