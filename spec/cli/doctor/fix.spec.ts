import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyChanges, changesFor } from '../../../cli/doctor/fix.js';
import { readProject } from '../../../cli/doctor/project.js';
import { projectOf } from './support.js';

const alias = 'npm:omni-ipc@^1.0.0';
const LOCK = "lockfileVersion: '9.0'\n";

/** The changes of a project in which node-ipc was found, by file. */
function changesOf(files: Record<string, string>): Record<string, unknown> {
  const changes = changesFor(readProject(projectOf(files)), ['node-ipc'], '1.0.0');
  return Object.fromEntries(changes.map(({ file, patch }) => [file, JSON.parse(JSON.stringify(patch))]));
}

describe('The replacement of node-ipc in a project', () => {
  const overrides = { overrides: { 'node-ipc': alias } };

  it('is written to the file from which the version of pnpm reads overrides', () => {
    const old = '{"pnpm":{"overrides":{"a":"1"}}}';
    const by = (version: string, more = {}) => JSON.stringify({ packageManager: `pnpm@${version}`, ...more });
    const inManifest = [
      { 'package.json': '{}', 'pnpm-lock.yaml': "lockfileVersion: '6.0'\n" },
      { 'package.json': old, 'pnpm-lock.yaml': LOCK },
      { 'package.json': by('9.15.0'), 'pnpm-lock.yaml': LOCK, 'pnpm-workspace.yaml': 'overrides:\n  a: 1\n' },
      { 'package.json': by('10.4.1'), 'pnpm-lock.yaml': LOCK },
      { 'package.json': by('10.34.0', JSON.parse(old)), 'pnpm-lock.yaml': LOCK },
      {
        'package.json': '{}',
        'pnpm-lock.yaml': LOCK,
        'node_modules/.modules.yaml': 'packageManager: pnpm@9.0.0\n',
      },
    ];
    for (const files of inManifest) expect(changesOf(files)).toEqual({ 'package.json': { pnpm: overrides } });
    const inSettings = [
      { 'package.json': '{}', 'pnpm-lock.yaml': LOCK },
      { 'package.json': old, 'pnpm-lock.yaml': LOCK, 'pnpm-workspace.yaml': 'overrides:\n  a: 1\n' },
      { 'package.json': by('10.5.0'), 'pnpm-lock.yaml': LOCK },
      { 'package.json': by('12.21.0', JSON.parse(old)), 'pnpm-lock.yaml': LOCK },
      { 'package.json': by('12.21.0') },
      {
        'package.json': old,
        'pnpm-lock.yaml': LOCK,
        'node_modules/.modules.yaml': '{ "packageManager": "pnpm@11.0.0" }',
      },
    ];
    for (const files of inSettings) expect(changesOf(files)).toEqual({ 'pnpm-workspace.yaml': overrides });
  });

  it('is stated in each workspace that depends on it by itself, by name or by an alias', () => {
    const workspaces = {
      'packages/one/package.json': '{"dependencies":{"node-ipc":"^9"},"peerDependencies":{"node-ipc":"*"}}',
      'packages/two/package.json': '{"devDependencies":{"old-ipc":"npm:node-ipc@9","other":"1"}}',
      'packages/none/package.json': '{"dependencies":{"node-ipc":"catalog:","x":"workspace:*"}}',
      'packages/skipped/package.json': '{"dependencies":{"node-ipc":"^9"}}',
      'tools/a/package.json': '{"dependencies":{"node-ipc":"^9"}}',
    };
    const changes = {
      'packages/one/package.json': { dependencies: { 'node-ipc': alias } },
      'packages/two/package.json': { devDependencies: { 'old-ipc': alias } },
      'tools/a/package.json': { dependencies: { 'node-ipc': alias } },
    };
    const patterns = ['{packages,tools}/*', '!packages/skipped'];
    expect(changesOf({ 'package.json': JSON.stringify({ workspaces: patterns }), ...workspaces })).toEqual({
      ...changes,
      'package.json': overrides,
    });
    const settings = "packages: # all\n  - '{packages,tools}/*' # but\n  - '!packages/skipped'\n";
    const files = { 'package.json': '{}', 'pnpm-lock.yaml': LOCK, 'pnpm-workspace.yaml': settings };
    expect(changesOf({ ...files, ...workspaces })).toEqual({ ...changes, 'pnpm-workspace.yaml': overrides });
  });

  it('is stated in the catalogs of pnpm, yarn and bun that have an alias of it', () => {
    const dependencies = { 'node-ipc': 'catalog:', old: 'catalog:', older: 'catalog:x' };
    const catalogs =
      'catalog:\n  node-ipc: ^9\n  old: npm:node-ipc@9\ncatalogs:\n  x:\n    older: npm:node-ipc@8\n';
    const changed = { catalog: { old: alias }, catalogs: { x: { older: alias } } };
    const manifest = { 'package.json': JSON.stringify({ dependencies }) };
    expect(changesOf({ ...manifest, 'pnpm-lock.yaml': LOCK, 'pnpm-workspace.yaml': catalogs })).toEqual({
      'pnpm-workspace.yaml': { ...overrides, ...changed },
    });
    expect(
      changesOf({ ...manifest, 'yarn.lock': '__metadata:\n  version: 8\n', '.yarnrc.yml': catalogs }),
    ).toEqual({
      'package.json': { resolutions: overrides.overrides },
      '.yarnrc.yml': changed,
    });
    const inWorkspaces = { catalog: { old: 'npm:node-ipc@9' }, catalogs: { x: { older: 'npm:node-ipc@8' } } };
    const bun = JSON.stringify({ dependencies, workspaces: { packages: [], ...inWorkspaces } });
    expect(changesOf({ 'package.json': bun, 'bun.lock': '{}' })).toEqual({
      'package.json': { ...overrides, workspaces: changed },
    });
  });

  it('is written into all of these files, once', () => {
    const folder = projectOf({
      'package.json': '{}\n',
      'pnpm-lock.yaml': LOCK,
      'pnpm-workspace.yaml': 'packages: [a]\n# keep\n',
      'a/package.json': '{\n\t"dependencies": {\n\t\t"node-ipc": "1"\n\t}\n}\n',
    });
    const content = (file: string) => readFileSync(join(folder, file), 'utf8');
    const made = () => changesFor(readProject(folder), ['node-ipc'], '1.0.0').map((one) => one.made);
    expect(made()).toEqual([false, false]);
    applyChanges(readProject(folder), changesFor(readProject(folder), ['node-ipc'], '1.0.0'));
    expect(content('a/package.json')).toBe(`{\n\t"dependencies": {\n\t\t"node-ipc": "${alias}"\n\t}\n}\n`);
    expect(content('pnpm-workspace.yaml')).toBe(`packages: [a]\noverrides:\n  node-ipc: ${alias}\n# keep\n`);
    expect(content('package.json')).toBe('{}\n');
    expect(made()).toEqual([true, true]);
  });

  it('names the file and the line that cannot be changed, and what to set', () => {
    const files = {
      'package.json': '{"packageManager":"pnpm@12.0.0"}',
      'pnpm-workspace.yaml': 'packages: []\noverrides: { a: 1 }\n',
    };
    expect(() => changesOf(files)).toThrowError(
      /pnpm-workspace\.yaml cannot be changed: line 2 .*; set overrides > node-ipc to npm:omni-ipc@\^1\.0\.0\./,
    );
    const unreadable = { 'package.json': '{}', 'pnpm-workspace.yaml': 'a:\n  ? what\n' };
    expect(() => changesOf(unreadable)).toThrowError(/pnpm-workspace\.yaml cannot be read: line 2/);
  });
});
