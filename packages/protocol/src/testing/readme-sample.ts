import type { Middleware, Reply, Service } from '@toolyard/protocol';
import { compose, createCall, memoryTransport, RawObject, ToolyardError } from '@toolyard/protocol';

// A server is a function.
const greeter: Service = async ({ method, params }) => {
  switch (method) {
    case 'server/discover':
      return complete({
        supportedVersions: ['2026-07-28'],
        capabilities: { tools: {} },
        ttlMs: 0,
        cacheScope: 'public',
      });
    case 'tools/call': {
      const name = params.object('arguments')?.string('name') ?? 'stranger';
      return complete({ content: [{ type: 'text', text: `Hello, ${name}!` }] });
    }
    default:
      throw new ToolyardError('METHOD_UNKNOWN', { method }, `There is no ${method} here.`);
  }
};

function complete(members: Readonly<Record<string, unknown>>): Reply {
  return { result: RawObject.of({ resultType: 'complete', ...members }) };
}

// What goes around it is a function of functions.
const logged: Middleware = (next) => async (call) => {
  console.log('called', call.method);
  return next(call);
};

// A transport carries it: here without a wire.
const transport = memoryTransport();
await using listener = await transport.serve(compose([logged], greeter), {
  serverInfo: { name: 'greeter', version: '1.0.0' },
});
await using server = await transport.connect(
  { url: listener.address },
  { upstream: 'greeter', clientInfo: { name: 'sample', version: '1.0.0' } },
);
const call = createCall('tools/call', { params: { name: 'greet', arguments: { name: 'Ada' } } });
const { result } = await server.service(call);
console.log(result.member('content')?.text);
