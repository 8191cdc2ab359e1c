/** What a caller wants of the tool; `end` comes last, so that the arguments can be cut out as they were spelled. */
export interface Arguments {
  readonly key: string;
  readonly act: 'echo' | 'slow' | 'hold' | 'progress';
  readonly ms: number;
  readonly fault: string;
}

/** One message of the gateway. */
export interface Incoming {
  /** As it was spelled; `undefined` for a notification. */
  readonly id: string | undefined;
  readonly method: string;
  readonly tool: string;
  readonly arguments: Arguments;
  /** The arguments, byte for byte. */
  readonly spelled: string;
  readonly progressToken: string | number | undefined;
  /** Of `notifications/cancelled`. */
  readonly cancelled: string | undefined;
}

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Partial<Arguments>;
    readonly requestId?: string | number;
    readonly _meta?: { readonly progressToken?: string | number };
  };
}

export function readMessage(text: string): Incoming {
  const { id, method = '', params = {} } = JSON.parse(text) as Message;
  const from = text.indexOf('"arguments":') + '"arguments":'.length;
  const to = text.indexOf('"end":0}', from) + '"end":0}'.length;
  return {
    id: id === undefined ? undefined : JSON.stringify(id),
    method,
    tool: params.name ?? '',
    arguments: { key: '', act: 'echo', ms: 0, fault: '', ...params.arguments },
    spelled: to > from ? text.slice(from, to) : '{}',
    progressToken: params._meta?.progressToken,
    cancelled: params.requestId === undefined ? undefined : JSON.stringify(params.requestId),
  };
}
