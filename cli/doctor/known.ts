/** A malicious release. */
export interface Malicious {
  readonly does: string;
  readonly advice: string;
}

const STEALER: Malicious = {
  does: 'steals credentials (May 2026)',
  advice:
    'Remove it, and treat every secret as stolen that was on a machine where it ran: tokens, keys, cloud and registry ' +
    'credentials. Rotate them from another machine.',
};
const WIPER: Malicious = {
  does: 'deletes files, depending on the location of the machine (CVE-2022-23812, March 2022)',
  advice: 'Remove it, and check the files of every machine where it ran against a backup.',
};
const PEACENOTWAR: Malicious = {
  does: 'brings in peacenotwar, which writes files to the desktop (March 2022)',
  advice: 'Remove it; it writes WITH-LOVE-FROM-AMERICA.txt to the desktop and to OneDrive.',
};

/** The malicious releases, by package and version; `*` means every version. */
const MALICIOUS: Readonly<Record<string, Readonly<Record<string, Malicious>>>> = {
  'node-ipc': {
    '9.1.6': STEALER,
    '9.2.3': STEALER,
    '12.0.1': STEALER,
    '10.1.1': WIPER,
    '10.1.2': WIPER,
    '9.2.2': PEACENOTWAR,
    '11.0.0': PEACENOTWAR,
    '11.1.0': PEACENOTWAR,
  },
  peacenotwar: {
    '*': {
      does: 'writes files to the desktop (March 2022)',
      advice: 'Remove the dependency that requires it.',
    },
  },
};

/** A version, or a range that one number begins: `9.2.1`, `^9.2.1`, `~9.2`, `9`, `9.x`. */
const SIMPLE = /^([~^]?)v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.[xX*])*$/;

/** Whether a range of versions in package.json, such as `^9.2.1`, may select a malicious release when it is installed. */
export function mayBeMalicious(name: string, range: string): boolean {
  const releases = Object.hasOwn(MALICIOUS, name) ? Object.keys(MALICIOUS[name] as object) : [];
  const [simple, sign, ...parts] = SIMPLE.exec(range.trim()) ?? [];
  // What else there is, such as `>=9 <13`, a tag or an address, may select any release.
  if (simple === undefined) return releases.length > 0;
  const least = parts.map((part) => Number(part ?? 0));
  const given = parts.filter((part) => part !== undefined).length;
  // How many numbers a release must have in common with the range.
  let shared = given;
  if (sign === '^') shared = 1;
  else if (sign === '~') shared = Math.min(given, 2);
  return releases.some((release) => {
    const version = release.split('.').map(Number);
    const differs = version.findIndex((number, i) => number !== least[i]);
    return differs === -1 || (differs >= shared && (version[differs] as number) > (least[differs] as number));
  });
}

/** What a release does if it is malicious; undefined if it is not. */
export function maliciousRelease(name: string, version: string): Malicious | undefined {
  const releases = Object.hasOwn(MALICIOUS, name) ? MALICIOUS[name] : undefined;
  if (releases === undefined) return undefined;
  return releases['*'] ?? (Object.hasOwn(releases, version) ? releases[version] : undefined);
}
