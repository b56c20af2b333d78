// @ts-check
import { PROVED, typed } from '../entries.js';

/** @typedef {import('../run.js').Check} Check */

const strict = {
  target: 'es2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  types: ['node'],
};

/**
 * The ways to compile a program: its options, the type of its package, and its files. The output for bundlers does not run.
 * @type {Record<string, { options: object, type: 'commonjs' | 'module', files: Partial<typeof typed>, bundled?: boolean, from?: number, until?: number }>}
 */
const modes = {
  commonjs: {
    options: { module: 'commonjs' },
    type: 'commonjs',
    files: { required: typed.required, imported: typed.imported },
  },
  'commonjs, esModuleInterop': {
    options: { module: 'commonjs', esModuleInterop: true },
    type: 'commonjs',
    files: { required: typed.required, imported: typed.imported },
  },
  node10: {
    options: { module: 'commonjs', moduleResolution: 'node10' },
    type: 'commonjs',
    files: { required: typed.required, imported: typed.imported },
    until: 6,
  },
  bundler: {
    options: { module: 'esnext', moduleResolution: 'bundler' },
    type: 'module',
    files: { module: typed.module },
    bundled: true,
  },
};
for (const [module, from] of /** @type {const} */ ([
  ['node16', 0],
  ['node18', 5.8],
  ['nodenext', 0],
])) {
  modes[`${module}, commonjs`] = {
    options: { module },
    type: 'commonjs',
    files: { required: typed.required, imported: typed.imported },
    from,
  };
  modes[`${module}, module`] = { options: { module }, type: 'module', files: { module: typed.module }, from };
}

/** @type {[version: number, label: string, folder: string][]} */
const versions = [
  [5.4, '5.4', 'typescript-5.4'],
  [5.9, '5.9', 'typescript'],
  [7, '7.0', 'typescript-newest'],
];

/** @type {Check[]} */
export const compilers = versions.flatMap(([version, label, folder]) =>
  Object.entries(modes).map(([mode, { options, type, files, bundled, from = 0, until = 9 }]) => ({
    name: `TypeScript ${label}, ${mode}`,
    unless: from <= version && version < until ? undefined : 'it has no such setting',
    async run(project) {
      const cwd = project.copy(`typescript-${label}-${mode.replace(/\W+/g, '-')}`, {
        'package.json': { type },
        'tsconfig.json': { compilerOptions: { ...strict, ...options }, include: ['*.ts'] },
        ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`${name}.ts`, text])),
      });
      await project.run([project.tool(`${folder}/lib/tsc.js`), '-p', cwd]);
      if (bundled) return;
      for (const name of Object.keys(files)) await project.run([`${name}.js`], { cwd, prints: PROVED });
    },
  })),
);
