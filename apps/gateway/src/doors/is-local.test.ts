import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

import { expect, it } from 'vitest';

import { isLocal } from './is-local.ts';

function from(remoteAddress: string | undefined, headers: Record<string, string> = {}): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const request = new IncomingMessage(socket);
  request.headers = headers;
  return request;
}

it.each(['127.0.0.1', '127.8.7.6', '::1', '::ffff:127.0.0.1'])('%s is this machine', (address) => {
  expect(isLocal(from(address))).toBe(true);
});

it.each(['192.0.2.1', '0.0.0.0', '::', '::ffff:192.0.2.1', undefined])('%s is not', (address) => {
  expect(isLocal(from(address))).toBe(false);
});

it.each(['forwarded', 'x-forwarded-for', 'via'])('nor is what a proxy here passes on, who says so by %s', (header) => {
  expect(isLocal(from('127.0.0.1', { [header]: '127.0.0.1' }))).toBe(false);
});
