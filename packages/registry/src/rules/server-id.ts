/** What `isServerId` asks for, for people. */
export const serverIdRule = '1 to 32 of a-z, 0-9, "-" and "_", a letter or digit first and last, no "__"';

/** The rule is explained at `ServerDefinition.id`. */
export function isServerId(id: string): boolean {
  return /^(?!.*__)[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?$/.test(id);
}
