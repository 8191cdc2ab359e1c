import { describe, expect, it } from 'vitest';
import { RawObject } from '../../../wire/raw-object.ts';
import { encodeUtf8 } from '../../../wire/text.ts';
import { downgradeSample, downgradeSampling } from './sampling.ts';

const raw = (text: string): RawObject => RawObject.read(encodeUtf8(text));

describe('downgradeSampling', () => {
  it('leaves what a client of 2025-11-25 is asked alone', () => {
    const params = raw(
      '{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"tools":[],"maxTokens":1.0}',
    );
    expect(downgradeSampling(params, '2025-11-25')).toBe(params);
  });

  it('makes of a message with several blocks several with one, and takes tools away', () => {
    const params = raw(
      '{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","data":"","mimeType":"image/png"}],"_meta":{"x":1}},{"role":"assistant","content":{"type":"text","text":"b"}}],"tools":[{"name":"t"}],"toolChoice":{"mode":"auto"},"maxTokens":1.0}',
    );
    expect(downgradeSampling(params, '2025-06-18').text).toBe(
      '{"messages":[{"role":"user","content":{"type":"text","text":"a"},"_meta":{"x":1}},{"role":"user","content":{"type":"image","data":"","mimeType":"image/png"},"_meta":{"x":1}},{"role":"assistant","content":{"type":"text","text":"b"}}],"maxTokens":1.0}',
    );
  });

  it('makes text of what older clients do not know', () => {
    const params = raw(
      '{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"add","input":{"a":1}}]},{"role":"user","content":{"type":"tool_result","toolUseId":"1","content":[{"type":"text","text":"2"}]}},{"role":"user","content":{"type":"audio","data":"AAAA","mimeType":"audio/wav"}},{"role":"user","content":[]}]}',
    );
    const { messages } = downgradeSampling(params, '2024-11-05').value as { messages: { content: { text: string } }[] };
    expect(messages.map(({ content }) => content.text)).toEqual([
      '[tool_use: add {"a":1}]',
      '[tool_result: [{"type":"text","text":"2"}]]',
      '[audio: audio/wav, 3 bytes]',
      '',
    ]);
  });

  it('leaves what is no list of messages to the client', () => {
    expect(downgradeSampling(raw('{"messages":7,"maxTokens":1}'), '2025-06-18').text).toBe(
      '{"messages":7,"maxTokens":1}',
    );
    expect(downgradeSampling(raw('{"messages":[7]}'), '2025-06-18').text).toBe('{"messages":[7]}');
  });
});

describe('downgradeSample', () => {
  it('leaves alone what a server can read', () => {
    const several = raw('{"role":"assistant","content":[{"type":"text","text":"a"}]}');
    const one = raw('{"role":"assistant","content":{"type":"text","text":"a"}}');
    expect(downgradeSample(several, '2025-11-25')).toBe(several);
    expect(downgradeSample(one, '2025-06-18')).toBe(one);
  });

  it('gives an older server the one block, or the texts of several', () => {
    expect(
      downgradeSample(raw('{"content":[{"type":"image","data":"","mimeType":"image/png"}],"model":"m"}'), '2025-06-18')
        .text,
    ).toBe('{"content":{"type":"image","data":"","mimeType":"image/png"},"model":"m"}');
    expect(
      downgradeSample(
        raw('{"content":[{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"},7]}'),
        '2025-06-18',
      ).text,
    ).toBe('{"content":{"type":"text","text":"a\\n\\nb"}}');
  });
});
