import { expect, it } from 'vitest';

import { startGateway, temporaryFolder } from './testing/gateway.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { callTool, lastMessage } from './testing/raw-client.ts';

it('a result with unknown members, an unknown content type, big integers and odd spelling arrives byte for byte', async () => {
  const result =
    '{"resultType":"complete", "content":[{"type":"text","text":"\\u0061\\/","annotations":{"audience":["user"],"x-heat":1.0,"n":9007199254740993},"_new":{"b":1,"a":2}},' +
    '{"type":"hologram","voxels":[1e400,-0,12345678901234567890],"depth":{"z":null}}],"structuredContent":{"id":9007199254740993,"huge":1e400},' +
    '"future":[true , false],"_meta":{"com.example/trace":"\\ud83d\\ude00","io.modelcontextprotocol/serverInfo":{"name":"far","version":"1"}}}';
  await using upstream = await startHttpUpstream(result);
  await using folder = await temporaryFolder();
  const config = await folder.write('toolyard.yaml', `servers:\n  far: { url: "${upstream.url}" }\n`);
  await using gateway = await startGateway(config, folder.path);
  const { text, status } = await callTool(gateway.endpoint, 'far__exact');
  expect(status).toBe(200);
  expect(lastMessage(text)).toContain(`"result":${result}`);
});
