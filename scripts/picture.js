// @ts-check
/**
 * `npm run docs:picture` takes docs/images/web.png, the picture of the web view in the README: it starts the programs of a shop,
 * opens `omni-ipc web` in headless Chromium (`chromium`, or the one that CHROMIUM names), and selects a process on the map.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = (/** @type {string} */ name) => join(root, 'dist', name);
const SIZE = { width: 1100, height: 640 };
/** How long the programs run before the picture is taken, in milliseconds, so that the rates are steady. */
const SETTLED = 6000;

/** The programs, and how many requests each sends to others every second. The last two are the members of a channel. */
const SHOP = {
  gateway: { orders: 60, search: 80 },
  orders: { stock: 65, billing: 17, mailer: 4 },
  billing: {},
  mailer: {},
  stock: {},
  search: { stock: 20 },
  worker1: undefined,
  worker2: undefined,
};

const PROGRAM = `
const { IPC } = require(${JSON.stringify(dist('index.js'))});
const { Channel } = require(${JSON.stringify(dist('channel.js'))});
const [root, name, calls] = process.argv.slice(2);
process.stdin.on('end', () => process.exit()).resume();
if (calls === undefined) {
  const channel = new Channel({ name: 'jobs', directory: root });
  channel.handle('resize', () => 'done');
  setInterval(() => {
    for (const member of channel.members) channel.to(member).request('resize', { width: 640 }).catch(() => {});
  }, 80);
} else {
  const ipc = new IPC();
  Object.assign(ipc.config, { id: name, socketRoot: root, silent: true, retry: 100 });
  const server = ipc.serve();
  server.handle('ask', async () => {
    await new Promise(setImmediate);
    return { ok: true };
  });
  server.start();
  for (const [other, rate] of Object.entries(JSON.parse(calls))) {
    const client = ipc.connectTo(other);
    setInterval(() => client.request('ask', { id: 7 }).catch(() => {}), 1000 / rate);
  }
}
`;

// Its name is in the picture.
const home = join(tmpdir(), 'shop');
mkdirSync(home, { mode: 0o700 });
const env = { ...process.env, XDG_RUNTIME_DIR: join(home, 'run') };
mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
/** @type {import('node:child_process').ChildProcess[]} */
const programs = [];
try {
  for (const [name, calls] of Object.entries(SHOP)) {
    const file = join(home, `${name}.cjs`);
    writeFileSync(file, PROGRAM);
    const args = [`${home}/`, name, ...(calls === undefined ? [] : [JSON.stringify(calls)])];
    run(['--import', pathToFileURL(dist('inspect.mjs')).href, file, ...args]);
  }
  const web = run([dist('cjs/cli.js'), 'web']);
  const [line] = await once(
    createInterface(/** @type {import('node:stream').Readable} */ (web.stdout)),
    'line',
  );
  await takePicture(JSON.parse(line).url);
} finally {
  for (const program of programs) {
    if (program.exitCode !== null) continue;
    program.kill();
    await once(program, 'exit');
  }
  rmSync(home, { recursive: true, force: true });
}

/** Starts a Node that ends with this one. */
function run(/** @type {string[]} */ args) {
  const program = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  programs.push(program);
  return program;
}

async function takePicture(/** @type {string} */ url) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ colorScheme: 'dark', viewport: SIZE });
    await page.goto(url);
    await page
      .locator('.node')
      .nth(Object.keys(SHOP).length - 1)
      .waitFor();
    await page.waitForTimeout(SETTLED);
    await page.locator('.node', { hasText: 'orders.cjs' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.map aside h2').waitFor();
    await page.waitForTimeout(SETTLED);
    await page.screenshot({ path: join(root, 'docs', 'images', 'web.png') });
  } finally {
    await browser.close();
  }
}
