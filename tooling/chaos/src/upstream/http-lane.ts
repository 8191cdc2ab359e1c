import type { ServerResponse } from 'node:http';
import { hugeBytes, type Fault } from '../faults.ts';
import { deepResult, poison, progress, reply, strangeId, strangeToken, toolResult, type Era } from './replies.ts';
import type { Incoming } from './request.ts';
import type { Lane } from './tool.ts';

const json = 'application/json';
const block = Buffer.alloc(1024 * 1024, 'x');

/** Answers one POST: as JSON, or as events where something was said before. */
export function createHttpLane(era: Era, response: ServerResponse, incoming: Incoming): Lane {
  const id = incoming.id ?? 'null';
  const right = (): string => reply(id, toolResult(era, incoming));

  const begin = (type: string, length?: number): void => {
    if (response.headersSent) return;
    const headers: Record<string, string | number> = { 'content-type': type };
    if (length !== undefined) headers['content-length'] = length;
    response.writeHead(200, headers);
  };
  const event = (message: string): void => {
    begin('text/event-stream');
    response.write(`event: message\ndata: ${message}\n\n`);
  };
  const whole = (body: string | Buffer, length = Buffer.byteLength(body)): void => {
    begin(json, length);
    response.end(body);
  };
  const answer = (result: string): void => {
    if (!response.headersSent) return whole(reply(id, result));
    event(reply(id, result));
    response.end();
  };
  const cut = (): void => void response.socket?.destroy();
  /** As much as is sent goes out first. */
  const cutAfter = (body: string): void => void response.write(body, () => setImmediate(cut));

  /** Sends 100 MB for as long as they are taken. */
  const flood = (before: string): void => {
    let left = hugeBytes;
    const more = (): void => {
      while (left > 0 && !response.destroyed) {
        left -= block.length;
        if (!response.write(block)) return void response.once('drain', more);
      }
      response.end();
    };
    response.write(before);
    more();
  };

  const trickle = (body: Buffer): void => {
    begin(json, body.length);
    let at = 0;
    const more = (): void => {
      if (response.destroyed) return;
      response.write(body.subarray(at, at + 1));
      at += 1;
      if (at < body.length) setImmediate(more);
      else response.end();
    };
    more();
  };

  const fail = (fault: Fault): void => {
    const body = right();
    const half = body.slice(0, body.length / 2);
    switch (fault) {
      case 'cut':
        return cut();
      case 'cut-body':
        begin(json, Buffer.byteLength(body));
        return cutAfter(half);
      case 'cut-event':
        begin('text/event-stream');
        return cutAfter(`event: message\ndata: ${half}`);
      case 'stall':
        return;
      case 'stall-body':
        begin(json);
        return void response.write(half);
      case 'trickle':
        return trickle(Buffer.from(body));
      case 'length-long':
        begin(json, Buffer.byteLength(body) + 100);
        return void response.write(body);
      case 'length-short':
        begin(json, Buffer.byteLength(body) - 20);
        return void response.end(body);
      case 'smuggle': {
        // A response that ends early, with another behind it that was not asked for.
        const lie = reply(id, poison(era));
        const extra = `HTTP/1.1 200 OK\r\ncontent-type: ${json}\r\ncontent-length: ${lie.length}\r\n\r\n${lie}`;
        const raw = `HTTP/1.1 200 OK\r\ncontent-type: ${json}\r\ncontent-length: 2\r\n\r\n{}${extra}`;
        return void response.socket?.write(raw, () => setTimeout(cut, 50));
      }
      case 'twice':
        event(body);
        event(reply(id, poison(era)));
        return void response.end();
      case 'other-id':
        return whole(reply(strangeId(id), poison(era)));
      case 'no-id':
        return whole(`{"jsonrpc":"2.0","result":${poison(era)}}`);
      case 'bad-utf8':
        return whole(Buffer.from(body.replace('"text":"', '"text":"\xff\xfe'), 'latin1'));
      case 'bad-json':
        return whole(body.replace('"result":{', '"result":{{'));
      case 'deep':
        return whole(reply(id, deepResult()));
      case 'half':
        return whole(half);
      case 'huge':
        begin(json);
        return flood(`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"`);
      case 'huge-event':
        begin('text/event-stream');
        return flood(`event: message\ndata: {"jsonrpc":"2.0","id":${id},"result":{"text":"`);
      case 'huge-length':
        begin(json, hugeBytes);
        return void response.write(half);
      case 'status-500':
      case 'status-503':
        response.writeHead(Number(fault.slice(-3)), { 'content-type': 'text/html' });
        return void response.end('<h1>Out of order</h1>');
      case 'wrong-type':
        begin('text/plain');
        return void response.end('It works!');
      case 'noise':
        event('{"jsonrpc":"2.0","method":"notifications/nothing","params":{"a":[1]}}');
        response.write(': a comment\n\nevent: strange\ndata: 1\n\nid: 7\nretry: 1\n\n');
        return answer(toolResult(era, incoming));
      case 'foreign-progress':
        event(progress(strangeToken, 1, 'not yours'));
        return answer(toolResult(era, incoming));
      case 'die':
        begin(json);
        return void response.write(half, () => process.kill(process.pid, 'SIGKILL'));
    }
  };

  return {
    note: event,
    answer,
    fail,
    onOver: (listener) =>
      void response.once('close', () => {
        if (!response.writableFinished) listener();
      }),
  };
}
