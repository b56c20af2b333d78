// @ts-check
import { dirname, extname, join, parse } from 'node:path';
import { PROVED } from '../entries.js';

/**
 * @typedef {import('../run.js').Check} Check
 * @typedef {import('../project.js').Project} Project
 * @typedef {'cjs' | 'esm'} Format
 * @typedef {(project: Project, program: string, format: Format, out: string) => string} Script
 *   returns a program that bundles `program` into the file `out`
 */

/** A program that uses compressed MessagePack. It runs in a folder where neither package can be found. */
const packages = `
const { IPC } = require('omni-ipc');
const ipc = new IPC();
Object.assign(ipc.config, { silent: true, codec: 'msgpack', compress: true });
const path = require('node:path').join(require('node:os').tmpdir(), 'oi-packages-' + process.pid + '.sock');
ipc.serve(path, async () => {
  ipc.server.handle('echo', (data) => data);
  const client = ipc.connectTo('server', path);
  const answer = await client.request('echo', { sent: new Date(0) });
  ipc.disconnect('server');
  await ipc.server.stop();
  console.log(answer.sent instanceof Date ? '${PROVED}' : answer);
});
ipc.server.start();
`;

/** @type {Record<string, Script>} */
const scripts = {
  esbuild: (_, program, format, out) => `
    require('esbuild').buildSync({
      entryPoints: ['${program}'], outfile: '${out}', format: '${format}', bundle: true, platform: 'node', target: 'node20', logLevel: 'warning',
    });`,
  rollup: (_, program, format, out) => `
    const nodeResolve = require('@rollup/plugin-node-resolve').default;
    const commonjs = require('@rollup/plugin-commonjs');
    require('rollup').rollup({
      input: '${program}',
      plugins: [nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }), commonjs()],
      onwarn(warning) { throw new Error(warning.message); },
    }).then((bundle) => bundle.write({ file: '${out}', format: '${format}', inlineDynamicImports: true }));`,
  tsup: (_, program, format, out) => `
    require('tsup').build({
      entry: { '${parse(out).name}': '${program}' }, outDir: '${dirname(out)}', format: '${format}', platform: 'node', target: 'node20',
      outExtension: () => ({ js: '${extname(out)}' }), noExternal: [/.*/], config: false, silent: true,
    });`,
  webpack: (_, program, format, out) => webpackScript(program, format, out),
  vite: (_, program, format, out) => `
    import('vite').then(({ build }) => build({
      configFile: false,
      logLevel: 'warn',
      ssr: { noExternal: true },
      build: {
        ssr: '${program}', outDir: '${join(out, '..')}', emptyOutDir: false, target: 'node20', minify: false,
        rollupOptions: { output: { format: '${format}', entryFileNames: '${out.split('/').at(-1)}' } },
      },
    }));`,
};

function webpackScript(
  /** @type {string} */ program,
  /** @type {Format} */ format,
  /** @type {string} */ out,
) {
  const [name, ...path] = out.split('/').reverse();
  return `
    require('webpack')({
      mode: 'production', target: 'node20', entry: './${program}',
      ${format === 'esm' ? 'experiments: { outputModule: true },' : ''}
      output: { path: '${path.reverse().join('/')}', filename: '${name}'${format === 'esm' ? ', module: true, chunkFormat: "module"' : ''} },
    }, (error, stats) => {
      if (error || stats.hasErrors() || stats.hasWarnings()) {
        console.log(error, stats && stats.toString());
        process.exitCode = 1;
      }
    });`;
}

/** @type {(name: string, bundle: (project: Project, program: string, format: Format, out: string) => Promise<string>) => Check[]} */
const checksOf = (name, bundle) =>
  /** @type {Format[]} */ (['cjs', 'esm']).flatMap((format) => ({
    name: `${name}, ${format === 'cjs' ? 'CommonJS' : 'ESM'}`,
    async run(project) {
      const folder = project.output(name);
      for (const program of ['required.cjs', 'imported.mjs', 'both.mjs']) {
        const out = join(folder, `${program.replace('.', '-')}.${format === 'cjs' ? 'cjs' : 'mjs'}`);
        await project.run([await bundle(project, program, format, out)], { cwd: folder, prints: PROVED });
      }
    },
  }));

const programmed = Object.entries(scripts).flatMap(([name, script]) =>
  checksOf(name, async (project, program, format, out) => {
    await project.run([project.write(`bundle-with-${name}.cjs`, script(project, program, format, out))]);
    return out;
  }),
);

/** Bun chooses between CommonJS and ESM by the name of the file. */
const ncc = checksOf('ncc', async (project, program, format, out) => {
  const name = format === 'esm' ? 'mjs' : 'js';
  const entry = project.write(`ncc-${program}.${name}`, `import './${program}';\n`);
  await project.run([project.tool('@vercel/ncc/dist/ncc/cli.js'), 'build', entry, '--out', out]);
  return join(out, `index.${name}`);
});

/** @type {Check[]} */
const optional = Object.entries(scripts).map(([name, script]) => ({
  name: `${name}, with the optional packages`,
  async run(project) {
    const remove = ['msgpackr', 'fast-zlib'].map((one) => project.add(one));
    try {
      const program = 'packages.cjs';
      project.write(program, packages);
      const out = join(project.output(name), 'packages.cjs');
      await project.run([project.write(`${name}.cjs`, script(project, program, 'cjs', out))]);
      await project.run([out], { cwd: project.output(name), prints: PROVED });
    } finally {
      for (const one of remove) one();
    }
  },
}));

export const bundlers = [...programmed, ...ncc, ...optional];
