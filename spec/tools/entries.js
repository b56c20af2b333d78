// @ts-check
/**
 * The programs that run with every tool, generated from the entry points in package.json. They load each entry point, compare the
 * results of `import` and `require`, and exchange messages over a Unix socket.
 */

/**
 * The entry points in `exports` of package.json that are code, with names that they export in both module systems.
 * @type {Record<string, string[]>}
 */
export const entries = {
  '.': ['default', 'ClientStatus', 'IPC', 'IPCError', 'IPCModule', 'registerCodec'],
  './ipc': ['IPC'],
  './channel': ['default', 'Channel', 'IPCError'],
  './net-ipc': ['default', 'Client', 'ClientStatus', 'Connection', 'Server'],
  './ipc-server': ['IPCClient', 'IPCClientStatus', 'IPCServer'],
  './socket-ipc': ['default', 'Client', 'MessageError', 'Server'],
  './inspect': [],
  './styles': [],
  // The files of node-ipc, for which `require` returns the class itself.
  './entities/Defaults': [],
  './entities/Defaults.js': [],
  './entities/EventParser': [],
  './entities/EventParser.js': [],
  './services/IPC': [],
  './services/IPC.js': [],
};

/** The entry points that need an optional package, which these programs do not have. Other specs load them. */
export const needing = ['./opentelemetry'];

/** The entry points that are not code. Only Node loads them. */
export const data = ['./package.json'];

/** The output with which every program ends. */
export const PROVED = 'proved';

const list = Object.entries(entries).map(([entry, names], index) => ({
  entry,
  names,
  specifier: `omni-ipc${entry.slice(1)}`,
  variable: `entry${index}`,
}));

/** Imports all entry points by `import`, in JavaScript and in TypeScript. */
export const loadByImport = `${list.map(({ specifier, names, variable }) => importOf(specifier, names, variable)).join('')}
export const imported = {
${list.map(({ entry, names, variable }) => `  '${entry}': { ${names.map((name) => `${name}: ${variable}_${name}`).join(', ')} },\n`).join('')}};
`;

/** Loads all entry points by `require`. */
export const loadByRequire = `exports.required = {
${list.map(({ entry, specifier }) => `  '${entry}': require('${specifier}'),\n`).join('')}};
`;

/** Loads all entry points by `import x = require()`, in TypeScript. */
export const loadByImportEquals = `${list.map(({ specifier, variable, names }) => (names.length > 0 ? `import ${variable} = require('${specifier}');\n` : `import '${specifier}';\n`)).join('')}
export const required = {
${list.map(({ entry, names, variable }) => `  '${entry}': { ${names.map((name) => `${name}: ${variable}.${name}`).join(', ')} },\n`).join('')}};
`;

function importOf(
  /** @type {string} */ specifier,
  /** @type {string[]} */ names,
  /** @type {string} */ variable,
) {
  if (names.length === 0) return `import '${specifier}';\n`;
  return `import { ${names.map((name) => `${name} as ${variable}_${name}`).join(', ')} } from '${specifier}';\n`;
}

const proof = `
const expected = ${JSON.stringify(entries)};

/** Returns the code that checks what was imported, what was required, or both. */
async function prove(...loads) {
  const [first] = loads;
  for (const [entry, names] of Object.entries(expected)) {
    for (const name of names) {
      assert(first[entry][name] !== undefined, entry + ' lacks ' + name);
      for (const other of loads) assert(other[entry][name] === first[entry][name], 'There are two ' + name + ' of ' + entry);
    }
  }
  const { default: ipc, IPC, IPCError } = first['.'];
  assert(typeof ipc.serve === 'function' && ipc instanceof IPC, 'The default export of the root is not the singleton');
  assert(first['./ipc'].IPC === IPC, 'There are two IPC classes');
  assert(first['./channel'].IPCError === IPCError, 'There are two IPCError classes');
  assert(typeof 'text'.debug === 'string', 'The styles of strings were dropped');
  await talk(ipc, IPCError);
}

async function talk(ipc, IPCError) {
  const path = join(tmpdir(), 'oi-proof-' + process.pid + '.sock');
  ipc.config.silent = true;
  await new Promise((resolve) => {
    ipc.serve(path, resolve);
    ipc.server.on('question', (data, socket) => ipc.server.emit(socket, 'answer', [data, 42]));
    ipc.server.start();
  });
  const client = ipc.connectTo('proof', path);
  const answer = await new Promise((resolve) => {
    client.on('answer', resolve);
    client.emit('question', { text: 'größer' });
  });
  assert(JSON.stringify(answer) === '[{"text":"größer"},42]', 'The answer is ' + JSON.stringify(answer));
  const error = await client.request('unknown', 1).catch((error) => error);
  assert(error instanceof IPCError, 'A refused request gives ' + error);
  ipc.disconnect('proof');
  await ipc.server.stop();
}
`;

const proveImported = `import assert from 'node:assert';\nimport { tmpdir } from 'node:os';\nimport { join } from 'node:path';\n${proof}\nexport { prove };\n`;
/** Not all ESM bundles have `require`. */
const proveRequired = `const assert = process.getBuiltinModule('node:assert');\nconst { tmpdir } = process.getBuiltinModule('node:os');\nconst { join } = process.getBuiltinModule('node:path');\n${proof}\nexports.prove = prove;\n`;
const end = `.then(() => console.log('${PROVED}'));\n`;

/** The files of the programs. */
export const files = {
  'prove.mjs': proveImported,
  'prove.cjs': proveRequired,
  'load.mjs': loadByImport,
  'load.cjs': loadByRequire,
  /** CommonJS alone. */
  'required.cjs': `const { prove } = require('./prove.cjs');\nconst { required } = require('./load.cjs');\nprove(required)${end}`,
  /** ESM alone. */
  'imported.mjs': `import { prove } from './prove.mjs';\nimport { imported } from './load.mjs';\nprove(imported)${end}`,
  /** Both module systems in one process, or in one bundle. */
  'both.mjs': `import { prove } from './prove.mjs';\nimport { imported } from './load.mjs';\nimport loaded from './load.cjs';\nprove(imported, loaded.required)${end}`,
};

const typedProof = `
const error: unknown = new IPCError('ERR_IPC_CONFIG', 'a message');
if (!(error instanceof IPCError && error.code === 'ERR_IPC_CONFIG')) throw new Error('IPCError is not a class');
const proved: Promise<void> = prove(loaded);
proved.then(() => console.log('${PROVED}', ClientStatus.READY, typeof ipc.connectTo, typeof channel.Channel));
`;
const typedImports = `import ipc, { type Client, ClientStatus, IPCError, type IPCErrorCode } from 'omni-ipc';
import * as channel from 'omni-ipc/channel';
${loadByImport.replace('export const imported', 'const loaded')}
export type Both = [Client, IPCErrorCode];
`;

/** The programs in TypeScript. They need `prove.cjs` in the same folder. */
export const typed = {
  /** In ESM. */
  module: `import { createRequire } from 'node:module';
${typedImports}
const { prove } = createRequire(import.meta.url)('./prove.cjs');
${typedProof}`,
  /** With `import`, compiled to CommonJS. */
  imported: `${typedImports}
const { prove } = require('./prove.cjs');
${typedProof}`,
  /** With `import x = require()`. */
  required: `import ipc = require('omni-ipc');
import channel = require('omni-ipc/channel');
${loadByImportEquals.replace('export const required', 'const loaded')}
const { ClientStatus, IPCError } = ipc;
export type Both = [ipc.Client, ipc.IPCErrorCode];
const { prove } = require('./prove.cjs');
${typedProof}`,
};
