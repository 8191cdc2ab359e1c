const tooMuch = 300;
const untrusted =
  'no authority that is trusted here vouches for its certificate; to trust one, name a file with its certificate in NODE_EXTRA_CA_CERTS';

const noTls = 'this port does not speak TLS; http in place of https may be right';

/** By the codes of Node and OpenSSL. */
const words: Readonly<Record<string, string>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_HAS_EXPIRED: 'its certificate has expired, and has to be renewed there',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; the clock of one of the two machines may be wrong',
};

/** Why there is no connection, as a part of a sentence: with what would be right where that is known, and always in one line. */
export function connectionError(error: Error): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = Object.hasOwn(words, code) ? words[code] : undefined;
  return new Error(known ?? otherName(code, error) ?? tlsReason(error) ?? inOneLine(error), { cause: error });
}

function otherName(code: string, error: Error): string | undefined {
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return undefined;
  const certificate: unknown = 'cert' in error ? error.cert : undefined;
  const names =
    typeof certificate === 'object' && certificate !== null && 'subjectaltname' in certificate
      ? ` (${short(String(certificate.subjectaltname))})`
      : '';
  return `its certificate is for another name${names}; reach it by a name that stands in there`;
}

/** OpenSSL's messages are lists of where in its code they come from. */
function tlsReason(error: Error): string | undefined {
  return 'library' in error && 'reason' in error && typeof error.reason === 'string'
    ? `TLS could not be begun: ${short(error.reason)}`
    : undefined;
}

/** Where a name has several addresses, the error of each is in one that says nothing itself. */
function inOneLine(error: Error): string {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  const messages = errors.map((one) => (one instanceof Error ? one.message : String(one)));
  return short(error.message === '' ? messages.join(', ') : error.message);
}

function short(text: string): string {
  const line = text
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '');
  return line.length > tooMuch ? `${line.slice(0, tooMuch)}…` : line;
}
