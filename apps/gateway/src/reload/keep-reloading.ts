import type { Configuration } from '@toolyard/registry';

import type { Gateway } from '../gateway.ts';
import type { Logger } from '../log/logger.ts';
import { createReloader } from './reloader.ts';
import { type FileMark, watchFile, type Watch } from './watch-file.ts';
import { withPlaces } from './with-places.ts';

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
  const apply = (configuration: Configuration): Promise<void> =>
    gateway.reload(configuration).catch((error: unknown) => {
      throw withPlaces(error, configuration, file);
    });
  const reload = createReloader({ file, read, apply, log });
  return watchFile(file, { seen, onChange: () => void reload() });
}
