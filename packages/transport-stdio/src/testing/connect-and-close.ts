// Connects, closes, and prints how long the process then lived on, in ms.
import { stdioTransport } from '../stdio-transport.ts';
import { client, fixture } from './rig.ts';

const server = await stdioTransport().connect(fixture('scripted-server'), { upstream: 'u', clientInfo: client });
await server.close();
const closedMs = performance.now();
process.on('exit', () => process.stdout.write(String(Math.round(performance.now() - closedMs))));
