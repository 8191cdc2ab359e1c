import { createCall, RawObject, type Service } from '@toolyard/protocol';
import { grpcTransport } from '@toolyard/transport-grpc';

const hello: Service = async (call) => {
  if (call.method === 'server/discover') {
    const capabilities = { tools: {} };
    return {
      result: RawObject.of({
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities,
        ttlMs: 0,
        cacheScope: 'public',
      }),
    };
  }
  await call.notify({
    method: 'notifications/progress',
    params: RawObject.of({ progressToken: call.progressToken, progress: 1 }),
  });
  return { result: RawObject.of({ resultType: 'complete', content: [{ type: 'text', text: 'Hello!' }] }) };
};

const grpc = grpcTransport();
await using listener = await grpc.serve(hello, { serverInfo: { name: 'hello', version: '1.0.0' } });
await using connection = await grpc.connect(
  { url: listener.address },
  { upstream: 'hello', clientInfo: { name: 'me', version: '1.0.0' } },
);

const call = createCall('tools/call', {
  params: { name: 'greet', arguments: {} },
  progressToken: 'p',
  notify: ({ method }) => console.log(method),
});
const reply = await connection.service(call);
console.log(connection.peer.revision, reply.result.member('content')?.text);
