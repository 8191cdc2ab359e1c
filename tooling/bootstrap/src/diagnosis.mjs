import { ToolTrouble, Trouble } from './trouble.mjs';

/** What an installer's output gives away, and the sentence that helps; the first match counts. */
const CAUSES = [
  {
    cause: 'disk',
    pattern: /ENOSPC|no space left/i,
    help: 'The disk is full: free some space and run the command again.',
  },
  {
    cause: 'lockfile',
    pattern: /ERR_PNPM_OUTDATED_LOCKFILE|ERR_PNPM_FROZEN_LOCKFILE|ERR_PNPM_LOCKFILE_CONFIG_MISMATCH/,
    help: 'pnpm-lock.yaml does not match the package.json files: run `npx pnpm install` and commit the lockfile.',
  },
  {
    cause: 'certificate',
    pattern:
      /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_|invalid peer certificate|self.signed certificate/i,
    help: "The npm registry's certificate is refused: name your proxy's certificate with `npm config set cafile <file>` and run the command again.",
  },
  {
    cause: 'network',
    pattern:
      /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|NETWORK_ERROR|META_FETCH_FAIL|error sending request|dns error/i,
    help: 'No npm registry could be reached: connect the machine to the network, or name a registry with `npm config set registry <url>`, and run the command again.',
  },
  {
    cause: 'login',
    pattern: /\bE40[13]\b|FETCH_40[13]/,
    help: 'The npm registry refuses this machine: log in with `npm login`, or name another registry with `npm config set registry <url>`, and run the command again.',
  },
  {
    cause: 'missing',
    pattern: /\bE404\b|FETCH_404|ETARGET|NO_MATCHING_VERSION/,
    help: 'The npm registry lacks a package that the repository needs: name one that has it with `npm config set registry <url>` and run the command again.',
  },
  {
    cause: 'permission',
    pattern: /EACCES|EROFS|EPERM|permission denied|read-only file system/i,
    help: 'A folder cannot be written: make the checkout and your home folder writable and run the command again.',
  },
];

/** The kind of a known cause, `undefined` if the output gives none away. */
export function causeOf(output) {
  return CAUSES.find(({ pattern }) => pattern.test(output))?.cause;
}

/** Makes of a failed install the sentence that helps; the output goes along where no cause is known. */
export function diagnose(output, failed) {
  const known = CAUSES.find(({ pattern }) => pattern.test(output));
  if (known !== undefined) return new Trouble(known.help);
  return new ToolTrouble(
    `${failed} (see above): delete the folders node_modules and .toolyard, get a current npm, and run the command again.`,
    output,
  );
}
