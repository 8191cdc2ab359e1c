import { describe, expect, it } from 'vitest';
import { RawJson } from '../../../wire/raw-json.ts';
import { RawObject } from '../../../wire/raw-object.ts';
import {
  inputRequiredResult,
  isInputRequired,
  questionsOf,
  toLegacyQuestion,
  toModernQuestion,
  withAnswers,
  withoutAnswers,
} from './questions.ts';

function raw(text: string): RawObject {
  return RawObject.read(new TextEncoder().encode(text));
}

const asked = raw(
  '{"resultType":"input_required","inputRequests":{"github_login":{"method":"elicitation/create","params":{"message":"Please provide your GitHub username","requestedSchema":{"type":"object","properties":{"n":{"type":"number","maximum":1.0}}}}},' +
    '"roots":{"method":"roots/list"}},"requestState":"eyJ\\u0073"}',
);

describe('questionsOf', () => {
  it('lists what a server wants, in order', () => {
    expect(questionsOf(asked).map(({ key, method, params }) => [key, method, params.text])).toEqual([
      [
        'github_login',
        'elicitation/create',
        '{"message":"Please provide your GitHub username","requestedSchema":{"type":"object","properties":{"n":{"type":"number","maximum":1.0}}}}',
      ],
      ['roots', 'roots/list', '{}'],
    ]);
  });

  it('finds none where the server only wants to be called again', () => {
    expect(questionsOf(raw('{"resultType":"input_required","requestState":"x"}'))).toEqual([]);
  });

  it.each(['[]', '{"a":7}', '{"a":{}}', '{"a":{"method":1}}', '{"a":{"method":"roots/list","params":[]}}'])(
    'refuses %s',
    (requests) => {
      expect(() => questionsOf(raw(`{"inputRequests":${requests}}`))).toThrow(
        expect.objectContaining({ code: 'INVALID_REQUEST' }),
      );
    },
  );
});

describe('inputRequiredResult', () => {
  it('is what questionsOf reads', () => {
    const result = inputRequiredResult(questionsOf(asked), 'state');
    expect(result.text).toBe(
      '{"resultType":"input_required","inputRequests":{"github_login":{"method":"elicitation/create","params":{"message":"Please provide your GitHub username","requestedSchema":{"type":"object","properties":{"n":{"type":"number","maximum":1.0}}}}},' +
        '"roots":{"method":"roots/list"}},"requestState":"state"}',
    );
    expect(isInputRequired(result)).toBe(true);
    expect(isInputRequired(raw('{"resultType":"complete"}'))).toBe(false);
  });

  it('asks for nothing but another call where there are no questions', () => {
    expect(inputRequiredResult([], 'state').text).toBe('{"resultType":"input_required","requestState":"state"}');
  });
});

describe('withAnswers', () => {
  const answers = new Map([['github_login', raw('{"action":"accept","content":{"n":1.0}}')]]);

  it('adds the answers and the very state that the server gave', () => {
    expect(withAnswers(raw('{"name":"x","arguments":{"n":1.0}}'), answers, asked).text).toBe(
      '{"name":"x","arguments":{"n":1.0},"inputResponses":{"github_login":{"action":"accept","content":{"n":1.0}}},"requestState":"eyJ\\u0073"}',
    );
  });

  it('leaves nothing of an earlier round', () => {
    const earlier = raw('{"requestState":"old","name":"x","inputResponses":{"other":{}}}');
    expect(withAnswers(earlier, answers, raw('{"inputRequests":{}}')).value).toEqual({
      name: 'x',
      inputResponses: { github_login: { action: 'accept', content: { n: 1 } } },
    });
    expect(withAnswers(earlier, new Map(), asked).text).toBe('{"requestState":"eyJ\\u0073","name":"x"}');
  });

  it('is undone by withoutAnswers', () => {
    const params = raw('{ "name":"x" }');
    expect(withoutAnswers(withAnswers(params, answers, asked)).text).toBe('{ "name":"x" }');
  });

  it('takes keys as they are', () => {
    const odd = new Map<string, RawJson>([
      ['__proto__', RawJson.of(1)],
      ['a"b', RawJson.of(2)],
    ]);
    expect(withAnswers(RawObject.empty, odd, RawObject.empty).text).toBe(
      '{"inputResponses":{"__proto__":1,"a\\"b":2}}',
    );
  });
});

describe('toLegacyQuestion', () => {
  const url = '{"mode":"url","message":"m","url":"https://example.com"}';

  it('gives an id to what sends the user to a URL', () => {
    expect(
      toLegacyQuestion({ key: 'k', method: 'elicitation/create', params: raw(url) }, '2025-11-25', () => 'minted')
        ?.text,
    ).toBe('{"mode":"url","message":"m","url":"https://example.com","elicitationId":"minted"}');
  });

  it.each([
    ['elicitation/create', '{"mode":"url","elicitationId":"theirs"}'],
    ['elicitation/create', '{"mode":"form","message":"m"}'],
    ['sampling/createMessage', '{"mode":"url"}'],
  ])('leaves alone %s with %s', (method, text) => {
    const params = raw(text);
    expect(toLegacyQuestion({ key: 'k', method, params }, '2025-11-25', () => 'minted')).toBe(params);
  });
});

describe('toModernQuestion', () => {
  it('leaves behind what belongs to the hop', () => {
    const params = raw('{"message":"m","_meta":{"progressToken":1,"a":1.0},"task":{"ttl":1},"elicitationId":"e"}');
    const question = toModernQuestion('q-1', 'elicitation/create', params);
    expect(question).toMatchObject({ key: 'q-1', method: 'elicitation/create' });
    expect(question.params.text).toBe('{"message":"m","_meta":{"a":1.0},"elicitationId":"e"}');
  });
});
