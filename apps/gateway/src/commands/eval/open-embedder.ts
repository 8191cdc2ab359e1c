import { basename, resolve } from 'node:path';

import { endpointEmbedder, staticEmbedder, transformersEmbedder } from '@toolyard/native-index';
import type { Embedder } from '@toolyard/protocol';

import { CommandFailure, exitCodes } from '../../cli/exit-codes.ts';
import type { Surroundings } from '../../cli/surroundings.ts';
import type { EvalOptions } from './eval-options.ts';

type EmbedderChoice = Pick<EvalOptions, 'embedder' | 'embedderModel' | 'embedderDimension'>;

/** `null`: words alone. Who asks closes it. */
export async function openEmbedder(
  { embedder, embedderModel, embedderDimension }: EmbedderChoice,
  { environment, cwd }: Pick<Surroundings, 'environment' | 'cwd'>,
): Promise<Embedder | null> {
  const [, kind, rest] = /^(static|none|endpoint|transformers)(?::(.+))?$/s.exec(embedder) ?? [];
  if (kind === 'static' && rest === undefined) return staticEmbedder();
  if (kind === 'none' && rest === undefined) return null;
  if (kind === 'transformers' && rest !== undefined)
    return transformersEmbedder({ model: embedderModel ?? basename(rest), folder: resolve(cwd, rest) });
  if (kind === 'endpoint' && rest !== undefined) {
    if (embedderModel === undefined || embedderDimension === undefined)
      throw wrong('An endpoint needs --embedder-model and --embedder-dimension too.');
    if (!/^https?:$/.test(URL.parse(rest)?.protocol ?? ''))
      throw wrong('--embedder endpoint: is followed by a URL, such as http://127.0.0.1:11434/v1.');
    const apiKey = environment['TOOLYARD_EMBEDDER_KEY'];
    return endpointEmbedder({
      url: rest,
      model: embedderModel,
      dimension: embedderDimension,
      ...(apiKey !== undefined && apiKey !== '' && { apiKey }),
    });
  }
  throw wrong('--embedder is static, none, endpoint:<url> or transformers:<folder>.');
}

function wrong(message: string): CommandFailure {
  return new CommandFailure(exitCodes.usage, message);
}
