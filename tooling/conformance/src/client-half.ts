import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Revision } from './cells.ts';
import { callSuite, readResults, requiredScenarios, type Scenario } from './suite.ts';

const driver = fileURLToPath(new URL('client/gateway-client.ts', import.meta.url));

/** The client half, by revision: how many scenarios the frozen set has without OAuth. */
export const clientHalf: readonly { readonly revision: Revision; readonly scored: number }[] = [
  { revision: '2026-07-28', scored: 7 },
  { revision: '2025-11-25', scored: 4 },
];

/** Outside of both frozen sets, all but OAuth. */
export const besideClientHalf: readonly string[] = ['json-schema-2020-12-preservation'];

/** The gateway does not authorize itself towards servers, nor ask its callers who they are. */
const excluded = (name: string): boolean => name.startsWith('auth/');

/**
 * Runs the client half: the suite's servers, the gateway, an official client. One scenario after the other, since some measure time.
 */
export async function runClientHalf(
  revision: Revision,
  fromSource: boolean,
  outputDir: string,
): Promise<{ scored: readonly Scenario[]; beside: readonly Scenario[]; output: string }> {
  const command = `"${process.execPath}" "${driver}"${fromSource ? ' --source' : ''}`;
  const scenarios: Scenario[] = [];
  let output = '';
  for (const name of [...(await requiredScenarios(revision, 'client')), ...besideClientHalf]) {
    if (excluded(name)) continue;
    const folder = path.join(outputDir, `${revision}-${name}`);
    const args = ['client', '--command', command, '--scenario', name, '--spec-version', revision, '-o', folder];
    const ended = await callSuite(args);
    output += ended.output;
    const [result] = await readResults(folder, 'client');
    const findings = [...(result?.findings ?? [])];
    if (ended.code !== 0 && findings.length === 0) {
      findings.push({
        id: 'client',
        status: 'FAILURE',
        message: ended.output.trim().split('\n').slice(-12).join('\n      '),
      });
    }
    scenarios.push({ name, findings, checks: result?.checks ?? 0 });
  }
  const scored = scenarios.filter(({ name }) => !besideClientHalf.includes(name));
  return { scored, beside: scenarios.filter((scenario) => !scored.includes(scenario)), output };
}
