import { ToolyardError } from '@toolyard/protocol';

/**
 * Imports a package that is an optional peer. Throws `PACKAGE_MISSING` when it is not installed, or has no build for this machine.
 * `T` is the part of it that is used, so that neither types nor bundles need the package.
 */
export async function optionalPackage<T>(name: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (cause) {
    const message = `The package ${name} could not be loaded: run "npm install ${name}", or do without what needs it.`;
    throw new ToolyardError('PACKAGE_MISSING', { package: name }, message, { cause });
  }
}
