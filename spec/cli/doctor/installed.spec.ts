import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { occurrences } from '../../../cli/doctor/graph.js';
import { readInstalled } from '../../../cli/doctor/installed.js';
import { projectOf } from './support.js';

const manifest = { dependencies: { tool: '1.0.0' } };
const tool = '{"name":"tool","version":"1.0.0","dependencies":{"node-ipc":"9.2.1"}}';
const nodeIpc = '{"name":"node-ipc","version":"9.2.1"}';

describe('The packages that are installed in a project', () => {
  /** A project with files, and with links whose names and targets are paths in it. */
  function linked(files: Record<string, string>, links: Record<string, string>): string {
    const folder = projectOf({ 'package.json': JSON.stringify(manifest), ...files });
    for (const [from, to] of Object.entries(links)) {
      mkdirSync(dirname(join(folder, from)), { recursive: true });
      symlinkSync(join(folder, to), join(folder, from), 'junction');
    }
    return folder;
  }

  function found(folder: string) {
    const graph = readInstalled(folder, manifest);
    if (graph === undefined) throw new Error('There is no node_modules.');
    return occurrences(graph, ({ actual }) => actual === 'node-ipc').map(({ via, package: one }) => ({
      via,
      name: one.name,
      version: one.version,
    }));
  }

  const expected = [{ via: ['tool@1.0.0'], name: 'node-ipc', version: '9.2.1' }];

  it('are found in the store of yarn, in its folders "package"', () => {
    const folder = linked(
      {
        'node_modules/.store/tool-npm-1.0.0-abc/package/package.json': tool,
        'node_modules/.store/node-ipc-npm-9.2.1-def/package/package.json': nodeIpc,
        'node_modules/.store/left-npm-9.1.6-def/package/package.json':
          '{"name":"node-ipc","version":"9.1.6"}',
      },
      {
        'node_modules/tool': 'node_modules/.store/tool-npm-1.0.0-abc/package',
        'node_modules/.store/tool-npm-1.0.0-abc/node_modules/node-ipc':
          'node_modules/.store/node-ipc-npm-9.2.1-def/package',
      },
    );
    const leftover = { via: [], name: 'node-ipc', version: '9.1.6' };
    expect(found(folder)).toEqual(jasmine.arrayWithExactContents([...expected, leftover]));
  });

  it('are found through links out of the project', () => {
    const store = projectOf({
      'tool/1.0.0/abc/node_modules/tool/package.json': tool,
      'node-ipc/9.2.1/def/node_modules/node-ipc/package.json': nodeIpc,
    });
    const folder = linked({}, {});
    const link = (target: string, from: string) => {
      mkdirSync(dirname(from), { recursive: true });
      symlinkSync(join(store, target), from, 'junction');
    };
    link('tool/1.0.0/abc/node_modules/tool', join(folder, 'node_modules/tool'));
    link('node-ipc/9.2.1/def/node_modules/node-ipc', join(store, 'tool/1.0.0/abc/node_modules/node-ipc'));
    expect(found(folder)).toEqual(expected);
  });

  it('do not include the workspaces themselves, which are linked there', () => {
    const folder = linked(
      {
        'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
        'packages/tool/package.json': tool,
        'node_modules/node-ipc/package.json': nodeIpc,
      },
      { 'node_modules/tool': 'packages/tool' },
    );
    expect(found(folder)).toEqual([{ via: [], name: 'node-ipc', version: '9.2.1' }]);
    expect(readInstalled(folder, manifest)?.packages.size).toBe(1);
  });
});
