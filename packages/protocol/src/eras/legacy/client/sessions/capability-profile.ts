import { RawObject } from '../../../../wire/raw-object.ts';

/** What one session declares: the part of its callers' capabilities that can be relayed to a server before 2026-07-28. */
export interface CapabilityProfile {
  /** The same for two callers who can be asked the same. */
  readonly key: string;
  readonly capabilities: RawObject;
}

/** Everything that can be relayed; who among the callers can answer is seen call by call. */
export const everyCapability: CapabilityProfile = profile({
  form: true,
  url: true,
  sampling: true,
  tools: true,
  context: false,
  roots: true,
});

/** The profile of a caller with these capabilities. There are 40, whatever callers write. */
export function capabilityProfile(capabilities: RawObject): CapabilityProfile {
  const elicitation = capabilities.object('elicitation');
  const sampling = capabilities.object('sampling');
  const url = elicitation?.has('url') ?? false;
  return profile({
    // An empty object has always meant forms.
    form: elicitation !== undefined && (elicitation.has('form') || !url),
    url,
    sampling: sampling !== undefined,
    tools: sampling?.has('tools') ?? false,
    context: sampling?.has('context') ?? false,
    roots: capabilities.has('roots'),
  });
}

type Abilities = Readonly<Record<'form' | 'url' | 'sampling' | 'tools' | 'context' | 'roots', boolean>>;

/** The capabilities are written only when a session is opened with them. */
function profile({ form, url, sampling, tools, context, roots }: Abilities): CapabilityProfile {
  return {
    key: [form, url, sampling, tools, context, roots].map(Number).join(''),
    get capabilities() {
      return RawObject.of({
        elicitation: form || url ? { form: form ? {} : undefined, url: url ? {} : undefined } : undefined,
        sampling: sampling ? { tools: tools ? {} : undefined, context: context ? {} : undefined } : undefined,
        roots: roots ? { listChanged: false } : undefined,
      });
    },
  };
}
