import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** The name of a package that brings no text of its license, and the file that has it, relative to the package that is built. */
export type LicenseTexts = Readonly<Record<string, string>>;

interface ThirdParty {
  readonly title: string;
  readonly text: string;
}

const fileName = 'THIRD-PARTY-LICENSES.txt';

/**
 * Writes `THIRD-PARTY-LICENSES.txt` beside the bundle: name, version, license and its text, of each package from `node_modules` that code was taken from. The build fails where a
 * package has no text of its license.
 */
export function thirdPartyLicenses(texts: LicenseTexts): Plugin {
  return {
    name: 'third-party-licenses',
    setup(build) {
      build.onEnd(({ metafile }) => {
        if (metafile === undefined) return;
        const cwd = build.initialOptions.absWorkingDir ?? process.cwd();
        const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) =>
          Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
        );
        const folders = new Set(bundled.flatMap((file) => packageFolder(path.resolve(cwd, file)) ?? []));
        const parties = [...folders].map((folder) => thirdParty(folder, texts, cwd));
        const sorted = parties.toSorted((a, b) => (a.title < b.title ? -1 : 1));
        const intro = 'This program contains code of these packages.';
        const parts = [intro, ...sorted.map(({ title, text }) => `${'-'.repeat(80)}\n${title}\n\n${text}`)];
        const out = path.resolve(cwd, build.initialOptions.outdir ?? '.');
        mkdirSync(out, { recursive: true });
        writeFileSync(path.join(out, fileName), `${parts.join('\n\n')}\n`);
      });
    },
  };
}

function packageFolder(file: string): string | undefined {
  return /^(?:.*\/)node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.replaceAll(path.sep, '/'))?.[0];
}

function thirdParty(folder: string, texts: LicenseTexts, cwd: string): ThirdParty {
  const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const { name, version, license } = manifest as Readonly<Record<'name' | 'version' | 'license', unknown>>;
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)([.-]|$)/i.test(file))
    .map((file) => path.join(folder, file));
  const given = texts[String(name)];
  if (files.length === 0 && given !== undefined) files.push(path.resolve(cwd, given));
  if (files.length === 0 || !files.every((file) => existsSync(file)))
    throw new Error(`${String(name)} ${String(version)} brings no text of its license (${String(license)}).`);
  return {
    title: `${String(name)} ${String(version)} (${String(license)})`,
    text: files.map((file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim()).join('\n\n'),
  };
}
