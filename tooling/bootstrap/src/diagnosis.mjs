import { ToolTrouble, Trouble } from './trouble.mjs';

/** What an installer's output gives away, and what to do about it; the first match counts. */
const CAUSES = [
  [/ENOSPC|no space left/i, 'The disk is full: free some space and run the command again.'],
  [/ERR_PNPM_OUTDATED_LOCKFILE|ERR_PNPM_FROZEN_LOCKFILE/, 'pnpm-lock.yaml does not match the package.json files: run `npx pnpm install` and commit the lockfile.'],
  [
    /CERT|SSL|self.signed|certificate/i,
    'The npm registry could not be trusted (its TLS certificate was refused): tell npm about your proxy\'s certificate with `npm config set cafile <file>` and run the command again.',
  ],
  [
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|error sending request|dns error|connection refused|network/i,
    'No npm registry could be reached: connect the machine to the network, or name a registry with `npm config set registry <url>`, and run the command again.',
  ],
  [/\bE40[13]\b|Unauthorized|Forbidden|ERR_PNPM_FETCH_40[13]/, 'The npm registry refuses this machine: log in with `npm login`, or name another with `npm config set registry <url>`, and run the command again.'],
  [/\bE404\b|\b404\b/, 'The npm registry lacks a package that the repository needs: name one that has it with `npm config set registry <url>` and run the command again.'],
  [/EACCES|EROFS|EPERM|permission denied|read-only file system/i, 'A folder cannot be written: make the checkout and your home folder writable and run the command again.'],
];

/** Makes of a failed install the sentence that helps; the output goes along where no cause is known. */
export function diagnose(output, failed) {
  const known = CAUSES.find(([pattern]) => pattern.test(output));
  if (known !== undefined) return new Trouble(known[1]);
  return new ToolTrouble(`${failed} (see above): delete the folders node_modules and .toolyard, use a current npm, and run the command again.`, output);
}
