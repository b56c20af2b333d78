// @ts-check
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { issue, makeAuthority } from '../../../example/certificates.js';
import { nodeAt, versions } from '../../../scripts/nodes.js';
import { data, PROVED, typed } from '../entries.js';
import { run } from '../run-tool.js';

/**
 * @typedef {import('../run.js').Check} Check
 * @typedef {import('../project.js').Project} Project
 */

const programs = ['required.cjs', 'imported.mjs', 'both.mjs'];
const linux = process.platform === 'linux' && process.arch === 'x64';
const elsewhere = linux ? undefined : 'its binary is locked for Linux on x64 only';

/** @type {Check[]} */
const nodes = versions.map((version) => ({
  name: `Node ${version}`,
  async run({ folder }) {
    const node = nodeAt(version);
    for (const program of programs) await run(node, [program], { cwd: folder, prints: PROVED });
    const required = data.map((entry) => `require('omni-ipc${entry.slice(1)}')`).join();
    await run(node, ['-e', `${required}; console.log('${PROVED}')`], { cwd: folder, prints: PROVED });
  },
}));

/** @type {Check[]} */
const stripping = versions
  .filter((version) => Number.parseInt(version, 10) >= 24)
  .map((version) => ({
    name: `Node ${version}, type stripping`,
    async run(project) {
      const cwd = project.copy('stripping', {
        'package.json': '{ "type": "module" }',
        'main.ts': typed.module,
      });
      await run(nodeAt(version), ['main.ts'], { cwd, prints: PROVED });
    },
  }));

/** @type {Check[]} */
const loaders = [
  ['tsx', 'tsx/dist/cli.mjs'],
  ['ts-node', 'ts-node/dist/bin.js'],
].flatMap(([name = '', script = '']) =>
  ['commonjs', 'module']
    // ts-node does not support the current ESM loader of Node, so it hooks only into CommonJS.
    .filter((type) => name === 'tsx' || type === 'commonjs')
    .map((type) => ({
      name: `${name}, ${type}`,
      async run(/** @type {Project} */ project) {
        const cwd = project.copy(`${name}-${type}`, {
          'package.json': { type },
          'tsconfig.json': {
            compilerOptions: {
              module: type === 'module' ? 'nodenext' : 'commonjs',
              strict: true,
              esModuleInterop: true,
              types: ['node'],
            },
          },
          'main.ts': type === 'module' ? typed.module : typed.required,
          'imported.ts': typed.imported,
        });
        const mains = type === 'module' ? ['main.ts'] : ['main.ts', 'imported.ts'];
        for (const main of mains) await project.run([project.tool(script), main], { cwd, prints: PROVED });
      },
    })),
);

/** A program with a server and a client that authenticate each other and exchange more data than a socket buffers. */
function overTls() {
  const authority = makeAuthority('proof');
  const { key, cert } = issue(authority, 'localhost', { hosts: ['localhost', '127.0.0.1'] });
  const tls = { key, cert, ca: authority.cert, requestCert: true };
  return `import { IPC } from 'omni-ipc';
const ipc = new IPC();
Object.assign(ipc.config, { silent: true, tls: ${JSON.stringify(tls)} });
const server = await ipc.serveNet('127.0.0.1', 0).start();
server.handle('echo', (data) => data);
const client = ipc.connectToNet('proof', '127.0.0.1', server.port);
const text = 'größer'.repeat(300_000);
if ((await client.request('echo', text)) !== text) throw new Error('The answer is wrong');
await client.close();
await server.stop();
console.log('${PROVED}');
`;
}

/** @type {Check[]} */
const others = [
  {
    name: 'Bun',
    unless: elsewhere,
    async run(project) {
      const bun = project.tool('@oven/bun-linux-x64/bin/bun');
      const cwd = project.copy('bun', { 'main.ts': typed.module });
      for (const program of [...programs, 'main.ts']) await run(bun, [program], { cwd, prints: PROVED });
    },
  },
  {
    name: 'Deno',
    unless: elsewhere,
    async run(project) {
      const deno = project.tool('@deno/linux-x64-glibc/deno');
      const cwd = project.copy('deno', {
        'package.json': '{ "type": "module" }',
        'main.ts': typed.module,
        'tls.mjs': overTls(),
      });
      const options = { cwd, prints: PROVED, env: { DENO_DIR: project.output('deno') } };
      for (const program of [...programs, 'main.ts', 'tls.mjs'])
        await run(deno, ['run', '--allow-all', '--node-modules-dir=manual', '--no-lock', program], options);
    },
  },
  {
    name: 'Single executable application',
    unless: linux ? undefined : 'macOS and Windows want the executable signed',
    async run(project) {
      const folder = project.output('sea');
      const bundle = join(folder, 'main.cjs');
      const script = `require('esbuild').buildSync({ entryPoints: ['required.cjs'], outfile: '${bundle}', bundle: true, platform: 'node' });`;
      await project.run([project.write('sea.cjs', script)]);
      const blob = join(folder, 'main.blob');
      const config = project.write('sea.json', {
        main: bundle,
        output: blob,
        disableExperimentalSEAWarning: true,
      });
      await project.run(['--experimental-sea-config', config]);
      const program = join(folder, 'program');
      copyFileSync(project.node, program);
      const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
      await project.run([
        project.tool('postject/dist/cli.js'),
        program,
        'NODE_SEA_BLOB',
        blob,
        '--sentinel-fuse',
        fuse,
      ]);
      rmSync(bundle);
      await run(program, [], { cwd: folder, prints: PROVED });
      rmSync(program);
    },
  },
];

export const runtimes = [...nodes, ...stripping, ...loaders, ...others];
