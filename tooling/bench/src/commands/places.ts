import { fileURLToPath } from 'node:url';

/** The programs that are measured, as paths. */
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const programs = {
  gateway: here('../../../../apps/gateway/dist/main.js'),
  upstream: here('../targets/upstream.ts'),
  upstreamStdio: here('../targets/upstream-stdio.ts'),
  manyUpstreams: here('../targets/many-upstreams.ts'),
  floor: here('../targets/floor.ts'),
  floorStdio: here('../targets/floor-stdio.ts'),
  floorFromStdio: here('../targets/floor-from-stdio.ts'),
  sdkProxy: here('../targets/sdk-proxy.ts'),
  sdkProxyV1: here('../targets/sdk-proxy-v1.ts'),
  heapProbe: here('../targets/heap-probe.ts'),
  loopbackOnly: here('../targets/loopback-only.ts'),
} as const;
