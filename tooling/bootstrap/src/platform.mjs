import { Trouble } from './trouble.mjs';

const SYSTEMS = ['linux', 'darwin'];
const PROCESSORS = ['x64', 'arm64'];

/** The pinned Node and the native tools exist for these; elsewhere an install would fail late and at length. */
export function requirePlatform({ platform, arch, libc } = thisMachine()) {
  if (SYSTEMS.includes(platform) && PROCESSORS.includes(arch) && libc !== 'musl') return;
  const here = [platform, arch, libc].filter((part) => part !== undefined && part !== 'glibc').join(' ');
  throw new Trouble(
    `This machine (${here}) has no build of the tools that the repository needs: ` +
      'use Linux with glibc (also in a container or WSL) or macOS, on x64 or arm64.',
  );
}

function thisMachine() {
  const { platform, arch } = process;
  return { platform, arch, libc: platform === 'linux' ? libcOf() : undefined };
}

function libcOf() {
  const header = process.report === undefined ? undefined : process.report.getReport().header;
  return header !== undefined && header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}
