// @ts-check
/**
 * Builds dist/ from the output of tsc in .bundle/. The implementation is CommonJS, bundled into few files because each file
 * slows the start of a program. Each entry point gets one file for `require` and one for `import`.
 * The entry points are index.ts and each folder of services/ with an index.ts; package.json names them in `exports`. Each
 * export of services/node-ipc is an entry point under the path that the file has in node-ipc.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rollup } from 'rollup';
import { buildPage } from './build-page.js';
import { rootTypes } from './root-types.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiled = join(root, '.bundle');
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const services = readdirSync(join(compiled, 'services')).filter((name) =>
  existsSync(join(compiled, 'services', name, 'index.js')),
);

/** The files of node-ipc that programs import, and the export of services/node-ipc for each. */
const nodeIpcFiles = {
  'entities/Defaults': 'Defaults',
  'entities/EventParser': 'EventParser',
  'services/IPC': 'IPC',
};

const optional = Object.keys(manifest.peerDependenciesMeta);

await bundle();
write('package.json', '{ "type": "commonjs" }\n');
writeRoot();
for (const name of services) if (name !== 'node-ipc') writeService(name);
for (const [file, name] of Object.entries(nodeIpcFiles)) writeNodeIpcFile(file, name);
await buildPage();

async function bundle() {
  const input = { index: join(compiled, 'index.js'), cli: join(compiled, 'cli', 'main.js') };
  for (const name of services) Object.assign(input, { [name]: join(compiled, 'services', name, 'index.js') });
  const bundle = await rollup({
    input,
    external: (name) => !/^[./]/.test(name),
    plugins: [{ name: 'output of tsc', load: loadWithMap, renderChunk: bundleable }],
    onwarn(warning) {
      throw new Error(warning.message);
    },
  });
  await bundle.write({
    dir: join(dist, 'cjs'),
    format: 'cjs',
    exports: 'named',
    esModule: false,
    interop: 'default',
    strict: true,
    sourcemap: true,
    hoistTransitiveImports: false,
    generatedCode: { preset: 'es2015' },
    chunkFileNames: 'shared-[name].js',
    manualChunks: (id) => (/\/(lib|entities)\//.test(id) ? 'engine' : undefined),
  });
  await bundle.close();
}

function loadWithMap(/** @type {string} */ file) {
  return { code: readFileSync(file, 'utf8'), map: JSON.parse(readFileSync(`${file}.map`, 'utf8')) };
}

/**
 * Prepares a chunk for bundlers. ESM has no `require`, and not all bundlers turn a `require` of CommonJS into an import, so the
 * chunk gets Node's modules from the process. webpack warns of an optional package that it does not find, so it gets another path.
 */
function bundleable(/** @type {string} */ code) {
  return {
    code: code
      .replace(/\brequire\('(node:[\w/]+)'\)/g, "process.getBuiltinModule('$1')")
      .replace(/\brequire\('((?:@[\w-]+\/)?[\w-]+)(?:\/[\w-]+)?'\)/g, (required, name) =>
        optional.includes(name)
          ? `(typeof __webpack_require__ === 'function' ? require('${detour(required, name)}') : ${required})`
          : required,
      ),
    map: null,
  };
}

/** Writes a folder whose main file is the installed optional package. Resolution falls back to index.js if the package does not exist. */
function detour(/** @type {string} */ required, /** @type {string} */ name) {
  const specifier = required.slice("require('".length, -"')".length);
  const [, file] = require.resolve(specifier).split(join('node_modules', '/'));
  const outside = '../'.repeat(`omni-ipc/dist/optional/${name}`.split('/').length);
  write(`optional/${name}/package.json`, `${JSON.stringify({ main: `${outside}${file}` })}\n`);
  write(
    `optional/${name}/index.js`,
    `throw new Error('The package ${name} was not installed when this was bundled');\n`,
  );
  return `../optional/${name}`;
}

/** `require('omni-ipc')` returns the singleton, which has the other exports as non-enumerable properties. */
function writeRoot() {
  const names = namesOf('index');
  const values = names.map((name) => `  ${name}: { value: root.${name} },\n`).join('');
  write(
    'index.js',
    `'use strict';\nconst root = require('./cjs/index.js');\nmodule.exports = Object.defineProperties(root.default, {\n  __esModule: { value: true },\n${values}});\n`,
  );
  const named = names.filter((name) => name !== 'default');
  write(
    'index.mjs',
    `import ipc from './index.js';\nexport const { ${named.join(', ')} } = ipc;\nexport default ipc;\n`,
  );
  write('index.d.ts', rootTypes(join(dist, 'types', 'index.d.ts')));
  writeModuleTypes('index', './types/index.js', true);
}

/** The file for `require` marks its default export by `__esModule`. The implementation does not, so that every bundler treats it the same way. */
function writeService(/** @type {string} */ name) {
  const names = namesOf(name);
  const types = `./types/services/${name}/index.js`;
  const marked = "'use strict';\nObject.defineProperty(exports, '__esModule', { value: true });\n";
  const values = names.map((one) => `exports.${one} = service.${one};\n`).join('');
  write(`${name}.js`, `${marked}const service = require('./cjs/${name}.js');\n${values}`);
  const named = names.filter((one) => one !== 'default');
  const hasDefault = names.includes('default');
  // The file between the two is for tools other than Node. They treat the property `default` of a required module as its default
  // export, and run a module twice that a program both imports and requires.
  if (names.length > 0) write(`cjs/${name}-exports.js`, `exports.service = require('./${name}.js');\n`);
  write(
    `${name}.mjs`,
    names.length === 0
      ? `import './cjs/${name}.js';\n`
      : `import exported from './cjs/${name}-exports.js';\nconst { service } = exported;\n` +
          (named.length > 0 ? `export const { ${named.join(', ')} } = service;\n` : '') +
          (hasDefault ? 'export default service.default;\n' : ''),
  );
  const typed = names.length > 0 ? `export { ${names.join(', ')} } from '${types}';\n` : '';
  write(`${name}.d.ts`, `${typed}export * from '${types}';\n`);
  writeModuleTypes(name, types, hasDefault);
}

/** A file of node-ipc: `require` returns its class, as in node-ipc 9; `import` has it as the default and by name, as in node-ipc 10. */
function writeNodeIpcFile(/** @type {string} */ file, /** @type {string} */ name) {
  const named = file === 'entities/EventParser' ? `${name} as Parser` : name;
  const types = '../types/services/node-ipc/index.js';
  write(`${file}.js`, `'use strict';\nmodule.exports = require('../cjs/node-ipc.js').${name};\n`);
  write(
    `${file}.mjs`,
    `import ${name} from './${basename(file)}.js';\nexport { ${name} as default, ${named} };\n`,
  );
  write(`${file}.d.ts`, `import { ${name} } from '${types}';\nexport = ${name};\n`);
  write(`${file}.d.mts`, `export { ${name} as default, ${named} } from '${types}';\n`);
}

function writeModuleTypes(
  /** @type {string} */ name,
  /** @type {string} */ types,
  /** @type {boolean} */ hasDefault,
) {
  const main = `import required = require('${types}');\ndeclare const main: typeof required.default;\nexport default main;\n`;
  write(`${name}.d.mts`, `${hasDefault ? main : ''}export * from '${types}';\n`);
}

/** @returns {string[]} */
function namesOf(/** @type {string} */ entry) {
  return Object.keys(require(join(dist, 'cjs', `${entry}.js`))).sort();
}

function write(/** @type {string} */ name, /** @type {string} */ text) {
  const file = join(dist, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
