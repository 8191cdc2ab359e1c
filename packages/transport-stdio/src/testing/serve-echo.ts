// This package's own stdio server: answers every tool call with its arguments, and chatters on stdout as a careless library would.
import { RawObject } from '@toolyard/protocol';
import { stdioTransport } from '../stdio-transport.ts';

const listener = await stdioTransport().serve(
  async (call) => {
    if (call.method === 'server/discover') {
      return {
        result: RawObject.of({
          resultType: 'complete',
          supportedVersions: ['2026-07-28'],
          capabilities: { tools: {} },
          ttlMs: 0,
          cacheScope: 'private',
        }),
      };
    }
    console.log('a stray line');
    process.stderr.write(`called ${call.params.string('name')}\n`);
    if (call.params.string('name') === 'hang') {
      await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
      process.stderr.write('hang was aborted\n');
    }
    const content = [{ type: 'text', text: call.params.member('arguments')?.text ?? '' }];
    return { result: RawObject.of({ resultType: 'complete', content }) };
  },
  { serverInfo: { name: 'echo', version: '1.0.0' } },
);
process.stderr.write(`over: ${String(await listener.closed)}\n`);
