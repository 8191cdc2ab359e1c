import type { CommandTarget, Target } from '@toolyard/protocol';
import { type Configuration, type ServerDefinition, targetsOf } from '@toolyard/registry';

/** What of a configuration is to be seen nowhere: values of headers, of variables that are secrets by their name or their look, and what URLs hold beside a place. */
export function secretsOf({
  servers,
  secret,
  cache,
}: Pick<Configuration, 'servers' | 'secret' | 'cache'>): readonly string[] {
  const bytes = secret?.export();
  return [
    ...servers.flatMap(({ target }: Pick<ServerDefinition, 'target'>) => targetsOf(target).flatMap(secretsOfTarget)),
    ...secretsOfUrl(cache?.redis ?? ''),
    ...(bytes === undefined ? [] : [bytes.toString('hex'), bytes.toString('base64url')]),
  ];
}

function secretsOfTarget(target: Target): readonly string[] {
  if ('command' in target) return secretsOfCommand(target);
  const { url, headers = {}, start } = target;
  return [
    ...secretsOfUrl(url),
    // Of `Bearer …`, what follows is the secret.
    ...Object.entries(headers).flatMap(([name, value]) =>
      harmless.test(name) ? [] : [value, ...value.split(' ').slice(1)],
    ),
    ...(start === undefined ? [] : secretsOfCommand(start)),
  ];
}

const harmless = /^(?:accept-language|user-agent)$/i;

function secretsOfUrl(text: string): readonly string[] {
  const url = URL.parse(text);
  if (url === null) return [];
  return [url.username, url.password, ...url.searchParams.values()].filter((value) => value !== '');
}

function secretsOfCommand({ args = [], env = {} }: CommandTarget): readonly string[] {
  return [
    ...Object.entries(env).flatMap(([name, value]) =>
      secretName.test(name) || looksRandom(value) ? [value] : secretsOfUrl(value),
    ),
    ...args.flatMap((argument, at) => {
      const [, option = '', value] = /^--?([\w-]+)=(.+)$/s.exec(argument) ?? [];
      if (value !== undefined) return secretName.test(option) ? [value] : [];
      return looksRandom(argument) || secretName.test(args[at - 1] ?? '') ? [argument] : [];
    }),
  ];
}

const secretName = /token|secret|passw|pwd|key|auth|credential|cookie|signature|dsn/i;

/** Letters and digits without a word or a path in them, as keys are. */
function looksRandom(value: string): boolean {
  return value.length >= 16 && /^[\w.~+=-]+$/.test(value) && /\d/.test(value) && /[a-z]/i.test(value);
}
