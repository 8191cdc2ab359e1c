import type { RawObject } from '../../wire/raw-object.ts';

/** What a server may ask its client (spec: basic/patterns/mrtr). */
export const questionMethods = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const;
export type QuestionMethod = (typeof questionMethods)[number];

export function isQuestion(method: string): method is QuestionMethod {
  return questionMethods.some((known) => known === method);
}

const interruptibleMethods: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** Whether the reply to this method may be `input_required` (spec: basic/patterns/mrtr). */
export function interruptible(method: string): boolean {
  return interruptibleMethods.has(method);
}

/** The capability that a client with these capabilities lacks for this question, as words; `undefined` when it can be asked. */
export function missingCapability(
  capabilities: RawObject,
  method: QuestionMethod,
  params: RawObject,
): string | undefined {
  switch (method) {
    case 'elicitation/create': {
      const elicitation = capabilities.object('elicitation');
      if (elicitation === undefined) return 'elicitation';
      if (params.string('mode') === 'url') return elicitation.has('url') ? undefined : 'elicitation.url';
      // An empty object has always meant forms.
      return elicitation.has('form') || !elicitation.has('url') ? undefined : 'elicitation.form';
    }
    case 'sampling/createMessage': {
      const sampling = capabilities.object('sampling');
      if (sampling === undefined) return 'sampling';
      return params.has('tools') && !sampling.has('tools') ? 'sampling.tools' : undefined;
    }
    case 'roots/list':
      return capabilities.has('roots') ? undefined : 'roots';
  }
}
