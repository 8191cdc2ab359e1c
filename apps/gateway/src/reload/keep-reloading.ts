import type { Configuration } from '@toolyard/registry';

import type { Gateway } from '../gateway.ts';
import type { Logger } from '../log/logger.ts';
import { createReloader } from './reloader.ts';
import { type FileMark, watchFile, type Watch } from './watch-file.ts';

export interface KeepReloadingOptions {
  readonly file: string;
  /** As the file was before the gateway's configuration was read. */
  readonly seen: FileMark | undefined;
  readonly gateway: Pick<Gateway, 'reload'>;
  readonly read: () => Promise<Configuration>;
  readonly log: Logger;
}

/** From now on a gateway takes changes of its file over. */
export function keepReloading({ file, seen, gateway, read, log }: KeepReloadingOptions): Watch {
  const reload = createReloader({ file, read, apply: (configuration) => gateway.reload(configuration), log });
  return watchFile(file, { seen, onChange: () => void reload() });
}
