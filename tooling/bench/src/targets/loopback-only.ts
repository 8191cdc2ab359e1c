/** Loaded before programs that cannot be told where to listen: a server that names no address, or all, gets the loopback interface. */
import { Server } from 'node:net';

const loopback = '127.0.0.1';
const listen = Server.prototype.listen;

Server.prototype.listen = function listenOnLoopback(this: Server, ...args: unknown[]): Server {
  return Reflect.apply(listen, this, onLoopback(args)) as Server;
};

function onLoopback([first, second, ...rest]: readonly unknown[]): unknown[] {
  if (typeof first === 'object' && first !== null && 'port' in first)
    return [{ ...first, host: loopback }, second, ...rest];
  if (!/^\d+$/.test(String(first))) return [first, second, ...rest];
  const named = typeof second === 'string' || second === undefined;
  return [Number(first), loopback, ...(named ? rest : [second, ...rest])];
}
