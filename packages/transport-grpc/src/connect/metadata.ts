import { Metadata } from '@grpc/grpc-js';
import { ToolyardError } from '@toolyard/protocol';

/** What gRPC or HTTP/2 itself decides. */
const reserved =
  /^(?:grpc-|content-|accept|te$|user-agent$|host$|connection$|keep-alive$|proxy-connection$|transfer-encoding$|upgrade$|expect$|mcp-)/i;

/**
 * The headers of a target as metadata; those that are not the user's to set are left out, and told of. A value of a `-bin` header is base64.
 * Throws `UPSTREAM_UNREACHABLE`, naming the header and never its value, where gRPC cannot carry it.
 */
export function ownMetadata(
  headers: Readonly<Record<string, string>>,
  upstream: string,
  onLog: ((line: string) => void) | undefined,
): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) {
    if (reserved.test(name)) {
      onLog?.(`header ${name} is not ours to set: left out`);
      continue;
    }
    if (!/^[0-9a-z_.-]+$/i.test(name) || (!isBinary(name) && !/^[ -~]*$/.test(value))) {
      throw new ToolyardError(
        'UPSTREAM_UNREACHABLE',
        { upstream },
        `gRPC cannot carry the header ${name} for ${upstream}.`,
      );
    }
    metadata.add(name, isBinary(name) ? Buffer.from(value, 'base64') : value);
  }
  return metadata;
}

function isBinary(name: string): boolean {
  return /-bin$/i.test(name);
}
