import { faultsOfAudit, faultsOfPack, faultsOfVersion, NEEDED } from '../../scripts/release.js';

const lock = { version: '1.2.3', packages: { '': { version: '1.2.3' } } };
const changelog =
  '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-27\n\n- All.\n\n## [1.2.2] - 2026-01-01\n';

describe('The check of a release', () => {
  it('finds nothing if version, lock file and changelog agree', () => {
    expect(faultsOfVersion({ version: '1.2.3' }, lock, changelog)).toEqual([]);
  });

  for (const [what, version, locked, text, fault] of [
    ['a version that npm does not take', '1.2', lock, changelog, /1\.2 is not a version/],
    ['another version in the lock file', '1.2.3', { ...lock, version: '1.2.2' }, changelog, /^package-lock/],
    [
      'a changelog without the version',
      '1.2.3',
      lock,
      '## [Unreleased]\n\n## [1.2.2] - 2026-01-01\n',
      /begins with 1\.2\.2; give/,
    ],
    ['a changelog without a date', '1.2.3', lock, '## [1.2.3]\n', /has no date/],
    [
      'entries that were not moved to the release',
      '1.2.3',
      lock,
      changelog.replace('[Unreleased]\n', '[Unreleased]\n\n- Forgotten.\n'),
      /under Unreleased/,
    ],
  ] as const) {
    it(`finds ${what}`, () => {
      expect(faultsOfVersion({ version }, locked, text).join('\n')).toMatch(fault);
    });
  }

  it('finds files that were not reviewed, and those that are missing', () => {
    expect(faultsOfPack([...NEEDED, 'lib/pipes/byte-pipe.ts', 'dist/cjs/cli.js.map'])).toEqual([]);
    expect(faultsOfPack([...NEEDED, '.env'])).toEqual([jasmine.stringMatching(/^\.env is packed/)]);
    expect(faultsOfPack([...NEEDED, 'spec/index.spec.ts', 'lib/x.key']).length).toBe(2);
    expect(faultsOfPack(NEEDED.slice(1))).toEqual(['LICENSE is missing']);
  });

  it('finds vulnerable packages, and fails if the registry gives no audit', () => {
    expect(faultsOfAudit('{ "auditReportVersion": 2, "vulnerabilities": {} }')).toEqual([]);
    expect(faultsOfAudit('{ "vulnerabilities": { "bad": { "severity": "high" } } }')).toEqual([
      'bad has a vulnerability (high); see npm audit --omit=dev',
    ]);
    expect(faultsOfAudit('{ "message": "405 Method Not Allowed" }')).toEqual([
      jasmine.stringMatching(/^the registry gave no audit: 405 .*--skip=audit$/),
    ]);
    expect(faultsOfAudit('').join()).toContain('npm printed no report');
  });
});
