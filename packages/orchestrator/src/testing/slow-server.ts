import { type FakeServer, fakeServer, tool } from './fake-server.ts';

/** A tool whose calls end when the test says so. */
export function slow(): { readonly server: FakeServer; finish(): void } {
  const gate = Promise.withResolvers<void>();
  const answers = {
    'tools/call': async () => {
      await gate.promise;
      return { content: [] };
    },
  };
  return { server: fakeServer({ tools: [tool('wait')], answers }), finish: () => gate.resolve() };
}
