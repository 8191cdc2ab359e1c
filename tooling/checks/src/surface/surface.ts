import path from 'node:path';
import ts from '@typescript/typescript6';
import { run } from '../process.ts';
import type { Entry } from '../workspace.ts';

/** What an entry of a package offers: the names that exist when it runs, and those that are types only. */
export interface Surface {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

/** Reads what is built: the names that Node sees in the JavaScript, and all that the compiler sees in the declarations. */
export async function surfaceOf(entry: Entry): Promise<Surface> {
  const [values, declared] = [await runtimeNames(entry), declaredNames(entry)];
  const undeclared = values.filter((name) => !declared.includes(name));
  if (undeclared.length > 0)
    throw new Error(`${entry.specifier} exports names without declarations: ${undeclared.join(', ')}`);
  return { values, types: declared.filter((name) => !values.includes(name)) };
}

export function renderSurface({ values, types }: Surface): string {
  return ['values', ...values.map(indent), 'types', ...types.map(indent), ''].join('\n');
}

async function runtimeNames({ javascript, specifier }: Entry): Promise<readonly string[]> {
  const script = `import(${JSON.stringify(javascript)}).then((all) => console.log(JSON.stringify(Object.keys(all))))`;
  const { code, output, stdout } = await run(process.execPath, ['--eval', script], { cwd: path.dirname(javascript) });
  if (code !== 0) throw new Error(`${specifier} cannot be imported:\n${output}`);
  return (JSON.parse(stdout) as string[]).sort();
}

function declaredNames({ declarations, specifier }: Entry): readonly string[] {
  const program = ts.createProgram([declarations], { module: ts.ModuleKind.NodeNext, noLib: true, types: [] });
  const source = program.getSourceFile(declarations);
  const module = source === undefined ? undefined : program.getTypeChecker().getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${specifier} has no declarations at ${declarations}`);
  return program
    .getTypeChecker()
    .getExportsOfModule(module)
    .map(({ name }) => name)
    .sort();
}

function indent(name: string): string {
  return `  ${name}`;
}
