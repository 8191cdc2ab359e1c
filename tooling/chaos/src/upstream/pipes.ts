import { hugeBytes, type Fault } from '../faults.ts';
import type { Journal } from './journal.ts';
import {
  deepResult,
  failure,
  poison,
  progress,
  reply,
  resultOf,
  strangeId,
  strangeToken,
  toolResult,
  type Era,
} from './replies.ts';
import { readMessage, type Incoming } from './request.ts';
import { createTools, type Lane } from './tool.ts';

/** The server's end of a stream of messages. */
export interface Wire {
  /** One whole message. */
  send(message: string | Buffer): void;
  /** A part of one, of which nothing more follows. */
  sendPart(part: string): void;
  /** In pieces, as small as the wire has them. */
  trickle(message: string): void;
  /** A message of so many bytes, for as long as it is taken. */
  flood(bytes: number): void;
  /** What is on the wire and is no message. */
  noise(): void;
  /** Without a word. */
  cut(): void;
  /** Faults of this wire alone. `answer` sends the right reply, which is `body`. */
  readonly own?: Readonly<Partial<Record<Fault, (body: string, answer: () => void) => void>>>;
}

/** A server at the end of a wire: what takes its messages, and is to be told when the wire is over. */
export function servePipe(era: Era, wire: Wire, journal: Journal): { message(text: string): void; over(): void } {
  const runTool = createTools(era, journal);
  /** What is sent next only completes what was begun before, and reaches nobody. */
  let unfinished = false;
  /** The pieces of a flood come to stand between what is sent from then on. */
  let flooded = false;
  const send = (message: string | Buffer): void => {
    unfinished = false;
    wire.send(message);
  };
  const sendPart = (part: string): void => {
    unfinished = true;
    wire.sendPart(part);
  };
  /** What to do when a call is over, by id. */
  const calls = new Map<string, () => void>();
  return {
    message(text) {
      const incoming = readMessage(text);
      const { id, method, cancelled } = incoming;
      if (id === undefined) {
        if (method !== 'notifications/cancelled' || cancelled === undefined) return;
        calls.get(cancelled)?.();
        calls.delete(cancelled);
        return;
      }
      if (method === 'server/discover' || method === 'initialize' || method === 'tools/list') {
        const mood = journal.mood();
        if (mood === 'mute') return;
        if (mood === 'nonsense') return send('{"jsonrpc":"2.0","id":');
        if (mood === 'die') return void process.kill(process.pid, 'SIGKILL');
      }
      const result = resultOf(era, method);
      if (result !== undefined) return send(reply(id, result));
      if (method === 'tools/call') return runTool(incoming, lane(incoming, id));
      send(failure(id, -32_601, 'Method not found'));
    },
    over() {
      for (const end of calls.values()) end();
      calls.clear();
    },
  };

  function lane(incoming: Incoming, id: string): Lane {
    const answer = (result: string): void => {
      calls.delete(id);
      send(reply(id, result));
    };
    return {
      note: (message) => send(message),
      answer,
      fail: (fault) => fail(fault, incoming, id, answer),
      onOver: (listener) => void calls.set(id, listener),
    };
  }

  function fail(fault: Fault, incoming: Incoming, id: string, answer: (result: string) => void): void {
    const result = toolResult(era, incoming);
    const body = reply(id, result);
    const half = body.slice(0, body.length / 2);
    const own = wire.own?.[fault];
    if (own !== undefined) return own(body, () => answer(result));
    switch (fault) {
      case 'cut':
        return wire.cut();
      case 'cut-body':
        sendPart(half);
        return void setImmediate(() => wire.cut());
      case 'stall':
        return;
      case 'stall-body':
        // What others are sent comes to stand in the middle of it.
        return sendPart(half);
      case 'trickle':
        return wire.trickle(body);
      case 'twice':
        if (unfinished || flooded) return answer(result);
        answer(result);
        return send(reply(id, poison(era)));
      case 'other-id':
        send(reply(strangeId(id), poison(era)));
        return answer(result);
      case 'bad-utf8':
        return send(Buffer.from(body.replace('"text":"', '"text":"\xff\xfe'), 'latin1'));
      case 'bad-json':
        return send(body.replace('"result":{', '"result":{{'));
      case 'deep':
        return send(reply(id, deepResult()));
      case 'half':
        return send(half);
      case 'huge':
        flooded = true;
        return wire.flood(hugeBytes);
      case 'noise':
        wire.noise();
        send('{"jsonrpc":"2.0","method":"notifications/nothing","params":{"a":[1]}}');
        return answer(result);
      case 'foreign-progress':
        send(progress(strangeToken, 1, 'not yours'));
        return answer(result);
      case 'die':
        sendPart(half);
        return void setImmediate(() => process.kill(process.pid, 'SIGKILL'));
      default:
        return send(failure(id, -32_603, `no such fault: ${fault}`));
    }
  }
}
