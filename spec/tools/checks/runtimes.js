// @ts-check
import { nodeAt, versions } from '../../../scripts/nodes.js';
import { data, PROVED } from '../entries.js';
import { run } from '../run-tool.js';

/** @typedef {import('../run.js').Check} Check */

const programs = ['required.cjs', 'imported.mjs', 'both.mjs'];

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

export const runtimes = nodes;
