import getPort from 'get-port';

/** A port of the loopback interface that nobody listened on a moment ago, and that nobody else who asked here was given in the last 15 s. */
export const freePort = (): Promise<number> => getPort({ host: '127.0.0.1' });
