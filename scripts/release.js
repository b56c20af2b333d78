// @ts-check
/** The conditions that the files of a release must meet. */

/** The files that the package may contain. Review a new kind of file before you add it here. */
export const PACKED = [
  /^(package\.json|README\.md|LICENSE|index\.ts)$/,
  /^(lib|services|entities|cli)\/[\w/-]+\.ts$/,
  /^cli\/web\/page\/[\w-]+\.(css|html|svg)$/,
  /^dist\/web\/(app\.(js|css)|index\.html|icon\.svg|LICENSE-uPlot\.txt)$/,
  /^dist\/(package\.json|((entities|services)\/)?[\w-]+\.(m?js|d\.m?ts))$/,
  /^dist\/cjs\/[\w-]+\.js(\.map)?$/,
  /^dist\/optional\/(@[\w-]+\/)?[\w-]+\/(package\.json|index\.js)$/,
  /^dist\/types\/[\w/-]+\.d\.ts(\.map)?$/,
];

/** The files that the package must contain. */
export const NEEDED = [
  'LICENSE',
  'README.md',
  'package.json',
  'dist/index.js',
  'dist/index.mjs',
  'dist/index.d.ts',
];

/**
 * Finds faults in the list of files of a package.
 * @param {readonly string[]} names
 * @returns {string[]}
 */
export function faultsOfPack(names) {
  const unknown = names.filter((name) => !PACKED.some((pattern) => pattern.test(name)));
  const missing = NEEDED.filter((name) => !names.includes(name));
  return [
    ...unknown.map(
      (name) =>
        `${name} is packed and was not reviewed; exclude it by "files" of package.json, or add it to PACKED in scripts/release.js`,
    ),
    ...missing.map((name) => `${name} is missing`),
  ];
}

/**
 * Finds contradictions to the version in package.json.
 * @param {{ version: string }} manifest
 * @param {{ version?: string, packages?: Record<string, { version?: string }> }} lock
 * @param {string} changelog
 * @returns {string[]}
 */
export function faultsOfVersion({ version }, lock, changelog) {
  const faults = [];
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) faults.push(`${version} is not a version`);
  if (lock.version !== version || lock.packages?.['']?.version !== version)
    faults.push(`package-lock.json has another version; run npm install --package-lock-only`);
  const headings = [...changelog.matchAll(/^## \[([^\]]+)\](?: - (.*))?$/gm)];
  const [newest] = headings.filter(([, name]) => name !== 'Unreleased');
  if (newest?.[1] !== version) {
    const found =
      newest === undefined ? 'CHANGELOG.md has no release' : `CHANGELOG.md begins with ${newest[1]}`;
    faults.push(`${found}; give the entries of this release the heading "## [${version}] - YYYY-MM-DD"`);
  } else if (!/^\d{4}-\d{2}-\d{2}$/.test(newest[2] ?? ''))
    faults.push(`the heading of ${version} in CHANGELOG.md has no date`);
  const unreleased = changelog.match(/^## \[Unreleased\]\n([\s\S]*?)(?=^## |(?![\s\S]))/m)?.[1] ?? '';
  if (/^- /m.test(unreleased))
    faults.push(`CHANGELOG.md has entries under Unreleased; move them to ${version}`);
  return faults;
}

/**
 * Finds vulnerable packages in a report of `npm audit --json`.
 * @param {string} report
 * @returns {string[]}
 */
export function faultsOfAudit(report) {
  /** @type {{ message?: string, vulnerabilities?: Record<string, { severity: string }> }} */
  const { message = 'npm printed no report', vulnerabilities } = JSON.parse(report || '{}');
  if (vulnerabilities === undefined)
    return [
      `the registry gave no audit: ${message}; run the step with a registry that has audits, and skip it here by --skip=audit`,
    ];
  return Object.entries(vulnerabilities).map(
    ([name, { severity }]) => `${name} has a vulnerability (${severity}); see npm audit --omit=dev`,
  );
}
