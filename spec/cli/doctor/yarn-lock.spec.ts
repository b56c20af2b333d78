import { readYarnLock } from '../../../cli/doctor/yarn-lock.js';

describe('A lock file of yarn', () => {
  it('resolves ranges that catalogs and resolutions have replaced', () => {
    const lock = `__metadata:
  version: 8

"app@workspace:.":
  version: 0.0.0-use.local
  dependencies:
    tool: "catalog:"

"tool@npm:1.0.0":
  version: 1.0.0
  resolution: "tool@npm:1.0.0"
  dependencies:
    node-ipc: "npm:^10.0.0"

"node-ipc@npm:9.2.1":
  version: 9.2.1
  resolution: "node-ipc@npm:9.2.1"
`;
    const { packages, roots } = readYarnLock('yarn.lock', lock, { dependencies: { tool: 'catalog:' } });
    expect(roots).toEqual(['tool@npm:1.0.0']);
    expect(packages.get('tool@npm:1.0.0')?.needs).toEqual(['node-ipc@npm:9.2.1']);
  });
});
