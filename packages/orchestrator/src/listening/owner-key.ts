import type { Caller } from '@toolyard/protocol';

/** Differs for different principals and tenants, and for nothing else. */
export function ownerKey({ principal, tenant }: Pick<Caller, 'principal' | 'tenant'>): string {
  return JSON.stringify([tenant, principal]);
}
