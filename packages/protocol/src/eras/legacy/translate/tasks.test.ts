import { describe, expect, it } from 'vitest';
import { RawObject } from '../../../wire/raw-object.ts';
import {
  declaresTasks,
  runsTasks,
  toModernCapabilities,
  toModernTask,
  withoutRelatedTask,
  withoutTasks,
} from './tasks.ts';

function raw(text: string): RawObject {
  return RawObject.read(new TextEncoder().encode(text));
}

const running = '"tasks":{"requests":{"tools":{"call":{}}}}';

describe('capabilities', () => {
  it.each([
    [`{"tools":{},${running}}`, '{"tools":{},"extensions":{"io.modelcontextprotocol/tasks":{}}}'],
    [
      `{${running},"extensions":{"com.example/a":{"n":1.0}}}`,
      '{"extensions":{"com.example/a":{"n":1.0},"io.modelcontextprotocol/tasks":{}}}',
    ],
    ['{"tools":{},"tasks":{"list":{},"cancel":{}}}', '{"tools":{}}'],
    ['{"tasks":{"requests":{"sampling":{"createMessage":{}}}}}', '{}'],
    ['{"tasks":null}', '{}'],
  ])('of a server of 2025-11-25 offer the extension where it runs tools as tasks: %s', (given, expected) => {
    expect(toModernCapabilities(raw(given)).text).toBe(expected);
    expect(runsTasks(raw(given))).toBe(expected.includes('io.modelcontextprotocol/tasks'));
  });

  it('of a client that cannot use either kind have neither', () => {
    const extensions = '{"io.modelcontextprotocol/tasks":{},"com.example/a":{}}';
    expect(withoutTasks(raw(`{"roots":{},"tasks":{},"extensions":${extensions}}`)).text).toBe(
      '{"roots":{},"extensions":{"com.example/a":{}}}',
    );
  });

  it.each([
    ['{}', false],
    ['{"extensions":{}}', false],
    ['{"tasks":{}}', false],
    ['{"extensions":{"io.modelcontextprotocol/tasks":{}}}', true],
  ])('declare the extension: %s', (given, expected) => {
    expect(declaresTasks(raw(given))).toBe(expected);
  });
});

it('a task keeps what nobody has to change, byte for byte', () => {
  const given = '{"n":1.0,"taskId":"a","status":"failed","ttl":null,"pollInterval":5e2,"lastUpdatedAt":"\\u0031"}';
  expect(toModernTask(raw(given), { taskId: 'b', ttlMs: 7, status: 'completed' }).text).toBe(
    '{"n":1.0,"taskId":"b","status":"completed","lastUpdatedAt":"\\u0031","ttlMs":7,"pollIntervalMs":5e2}',
  );
  const marked = '{"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"a"},"x":1.0}}';
  expect(withoutRelatedTask(raw(marked)).text).toBe('{"_meta":{"x":1.0}}');
});
