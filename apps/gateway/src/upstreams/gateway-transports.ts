import type { Parking, Transport } from '@toolyard/protocol';
import type { Configuration, Environment } from '@toolyard/registry';
import { grpcTransport } from '@toolyard/transport-grpc';
import { type HttpTransport, httpTransport } from '@toolyard/transport-http';
import {
  createProcessGovernor,
  type ProcessGovernor,
  type StdioTransport,
  stdioTransport,
} from '@toolyard/transport-stdio';
import { wsTransport } from '@toolyard/transport-ws';

import { childPath } from './child-path.ts';
import { createFailures, type Failures } from './failures.ts';
import { freePort } from './free-port.ts';
import { processBounds } from './settings.ts';
import { processStarter } from './start-process.ts';
import { startingTransport } from './starting-transport.ts';

export interface GatewayTransportsOptions {
  readonly configuration: Configuration;
  /** The configuration's folder: where programs are looked up. */
  readonly folder: string;
  readonly environment: Environment;
  /** One for all, so that a retry finds its call whichever way it went. */
  readonly parking: Parking;
}

/** The ways to servers and from clients, over one governor of processes. */
export interface GatewayTransports {
  readonly http: HttpTransport;
  readonly stdio: StdioTransport;
  /** To servers, in the order in which they are asked. */
  readonly toServers: readonly Transport[];
  readonly governor: ProcessGovernor;
  /** What went wrong on the way to servers, in words for who runs the gateway. */
  readonly failures: Failures;
}

/** Of one origin: more than `calls.maxConcurrent` of a server can be, so that calls wait in its queue and not for a socket. */
const mostSockets = 65_536;

export function gatewayTransports({
  configuration,
  folder,
  environment,
  parking,
}: GatewayTransportsOptions): GatewayTransports {
  const children = { ...environment, PATH: childPath(folder, process.execPath, environment['PATH']) };
  const failures = createFailures();
  const governor = createProcessGovernor(processBounds(configuration));
  const http = httpTransport({ parking, maxSockets: mostSockets });
  const stdio = stdioTransport({ environment: children, parking, governor });
  const starting = { start: processStarter(children, governor), freePort };
  const toServers = [
    startingTransport(http, starting),
    stdio,
    startingTransport(wsTransport({ parking }), starting),
    startingTransport(grpcTransport({ parking }), starting),
  ].map((transport) => failures.watch(transport));
  return { http, stdio, toServers, governor, failures };
}
