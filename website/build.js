// @ts-check
/**
 * `npm run docs` builds the website into website/dist/. DOCS_BASE is the path under which the site will be served, by default `/`.
 * `npm run docs -- --serve` also serves the built site on this machine.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { built, pages, root, website } from './lib/places.js';

install();
const began = performance.now();
const { layOutPages } = await import('./lib/pages.js');
const { writeReference } = await import('./lib/reference.js');
const { deadLinks } = await import('./lib/check-links.js');
const { build, serve } = await import('vitepress');

layOutPages();
await writeReference(pages, join(pages, 'reference'));
await build(website);
const dead = deadLinks(built, process.env.DOCS_BASE ?? '/');
for (const line of dead) console.error(line);
if (dead.length > 0) process.exit(1);
console.log(
  `The website is in ${built} (${((performance.now() - began) / 1000).toFixed(0)} s); all links lead somewhere.`,
);
if (process.argv.includes('--serve')) await serve({ root: website });

/** Installs the tools that build the website once, in the versions of its lock file. */
function install() {
  const installed = join(website, 'node_modules', '.package-lock.json');
  const lock = join(website, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs > statSync(lock).mtimeMs) return;
  const npm = process.env.npm_execpath;
  if (npm === undefined) throw new Error('This script needs npm. Start it with npm run docs');
  const options = ['ci', '--prefix', website, '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync(process.execPath, [npm, ...options], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
