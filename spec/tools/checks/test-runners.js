// @ts-check
import { readFileSync } from 'node:fs';
import { loadByImport } from '../entries.js';

/** @typedef {import('../run.js').Check} Check */

const title = "'gives one singleton, whose messages arrive'";
const requiredTest = `const { prove } = require('./prove.cjs');
test(${title}, () => prove(require('./load.cjs').required));
`;
/** The tests for runners that turn `import` into `require`, and for those that do not. */
const importedTest = `import { prove } from './prove.cjs';
${loadByImport}
test(${title}, () => prove(imported));
`;
const bothTest = `import { prove } from './prove.mjs';
import { imported } from './load.mjs';
import loaded from './load.cjs';
test(${title}, () => prove(imported, loaded.required));
`;

const jestConfig = { testMatch: ['**/proof.test.*'], testEnvironment: 'node' };
const tsJest = {
  transform: {
    '\\.ts$': [
      'ts-jest',
      { tsconfig: { esModuleInterop: true, module: 'commonjs', allowJs: true, types: [] } },
    ],
  },
};

/** @type {Check[]} */
const jests = [
  ['29', 'jest-29'],
  ['30', 'jest'],
].flatMap(([version, folder]) => {
  /** @type {(name: string, config: object, tests: Record<string, string | object>, flags?: string[]) => Check} */
  const check = (name, config, tests, flags = []) => ({
    name: `Jest ${version}, ${name}`,
    async run(project) {
      const cwd = project.copy(`jest-${version}-${name.replace(/\W/g, '-')}`, {
        'package.json': '{}',
        'jest.config.json': { ...jestConfig, ...config },
        ...tests,
      });
      const args = [...flags, project.tool(`${folder}/bin/jest.js`), '--runInBand', '--no-cache'];
      const env = { HOME: cwd };
      await project.run(args, { cwd, env, prints: '1 passed' });
    },
  });
  return [
    check('CommonJS', {}, { 'proof.test.js': requiredTest }),
    check(
      'babel-jest',
      {},
      {
        'proof.test.js': importedTest,
        'babel.config.json': { presets: [['@babel/preset-env', { targets: { node: 'current' } }]] },
      },
    ),
    check('ts-jest', tsJest, { 'proof.test.ts': `// @ts-nocheck\n${importedTest}` }),
    check('ESM', { transform: {} }, { 'proof.test.mjs': bothTest }, ['--experimental-vm-modules']),
  ];
});

/** The test file of docs/recipes.md. */
const recipe = readFileSync(new URL('../../../docs/recipes.md', import.meta.url), 'utf8').match(
  /^```javascript\n(\/\/ orders\.test\.js\n[\s\S]*?)^```$/m,
)?.[1];

/** @type {Check[]} */
const others = [
  {
    name: 'Jest 30, the recipe of docs/recipes.md',
    async run(project) {
      if (recipe === undefined) throw new Error('docs/recipes.md has no orders.test.js');
      const cwd = project.copy('jest-recipe', {
        'package.json': '{}',
        'jest.config.json': { testEnvironment: 'node' },
        'orders.test.js': recipe,
      });
      const args = [project.tool('jest/bin/jest.js'), '--runInBand', '--no-cache', 'orders.test.js'];
      await project.run(args, { cwd, env: { HOME: cwd }, prints: '2 passed' });
    },
  },
  {
    name: 'Vitest',
    async run(project) {
      const cwd = project.copy('vitest', {
        'package.json': '{ "type": "module" }',
        'proof.test.js': `import { test } from 'vitest';\n${bothTest}`,
      });
      const args = [project.tool('vitest/vitest.mjs'), 'run', '--maxWorkers=1'];
      await project.run(args, { cwd, prints: '1 passed' });
    },
  },
  {
    // Programs inline the package to mock modules that it uses. `require` would still return Node's own module.
    name: 'Vitest, with the package inlined',
    async run(project) {
      const cwd = project.copy('vitest-inlined', {
        'package.json': '{ "type": "module" }',
        'vitest.config.js': "export default { test: { server: { deps: { inline: ['omni-ipc'] } } } };\n",
        'proof.test.js': `import { test } from 'vitest';\n${importedTest}`,
      });
      const args = [project.tool('vitest/vitest.mjs'), 'run', '--maxWorkers=1'];
      await project.run(args, { cwd, prints: '1 passed' });
    },
  },
  ...['cjs', 'mjs'].map((type) => ({
    name: `Mocha, ${type}`,
    async run(/** @type {import('../project.js').Project} */ project) {
      const text = (type === 'cjs' ? requiredTest : bothTest).replace(/^test\(/m, 'it(');
      const cwd = project.copy('mocha', { [`proof.${type}`]: text });
      await project.run([project.tool('mocha/bin/mocha.js'), `proof.${type}`], { cwd, prints: '1 passing' });
    },
  })),
  ...['cjs', 'mjs'].map((type) => ({
    name: `AVA, ${type}`,
    async run(/** @type {import('../project.js').Project} */ project) {
      const load = type === 'cjs' ? "const test = require('ava');\n" : "import test from 'ava';\n";
      const text = (load + (type === 'cjs' ? requiredTest : bothTest)).replace(
        /\(\) => (prove\(.*\))\);/,
        'async (t) => { await $1; t.pass(); });',
      );
      const cwd = project.copy(`ava-${type}`, { 'package.json': '{}', [`proof.${type}`]: text });
      await project.run([project.tool('ava/entrypoints/cli.mjs'), `proof.${type}`], {
        cwd,
        prints: '1 test passed',
      });
    },
  })),
  ...['cjs', 'mjs'].map((type) => ({
    name: `node:test, ${type}`,
    async run(/** @type {import('../project.js').Project} */ project) {
      const load =
        type === 'cjs' ? "const test = require('node:test');\n" : "import test from 'node:test';\n";
      const cwd = project.copy('node-test', {
        [`proof.${type}`]: load + (type === 'cjs' ? requiredTest : bothTest),
      });
      await project.run(['--test', `proof.${type}`], { cwd, prints: 'pass 1' });
    },
  })),
];

export const testRunners = [...jests, ...others];
