const posixNames = new Set(['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'LANG', 'TMPDIR', 'TZ']);
const windowsNames = new Set([
  'APPDATA',
  'COMSPEC',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATH',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'PROGRAMDATA',
  'PROGRAMFILES',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'TMP',
  'TZ',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
]);

/**
 * What a child process gets to see: harmless variables of `inherited` by name, `LC_*`, and everything of `added`, which wins.
 * An exported shell function (a value that begins with `()`) is code and stays out.
 */
export function cleanEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string>> = {},
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && isHarmless(name, platform) && !value.startsWith('()')) {
      environment[name] = value;
    }
  }
  return Object.assign(environment, added);
}

function isHarmless(name: string, platform: NodeJS.Platform): boolean {
  // Names of variables are case-insensitive on Windows.
  return platform === 'win32' ? windowsNames.has(name.toUpperCase()) : posixNames.has(name) || name.startsWith('LC_');
}
