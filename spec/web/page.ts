import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { omniIpc } from '../cli/support.js';
import { afterwards } from '../support/afterwards.js';
import { launchBrowser } from '../support/browser.js';
import { freshRuntime, inspected, socketsOf } from '../support/inspected.js';
import { freshDirectory } from '../support/places.js';
import type { Program } from '../support/processes.js';
import { inProject } from '../support/project.js';

/** Where pictures of the page are left, for people to look at. */
const PICTURES = inProject('.build', 'pictures');
const LONG = 60_000;
const VIEWS = ['map', 'connections', 'packets', 'requests', 'charts', 'compose'];

describe('The page of omni-ipc web', () => {
  let browser: Browser;

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await launchBrowser();
  });

  afterAll(() => browser.close());

  /** The web view over some programs. */
  async function serve(
    programs: readonly (readonly [file: string, ...args: string[]])[],
    options: readonly string[] = [],
  ): Promise<{ url: string; started: Program[]; command: Program }> {
    const { sockets, env } = freshRuntime();
    const begin = async ([file = '', ...args]: readonly string[]) => {
      const program = inspected(`spec/fixtures/${file}.ts`, args, env);
      await program.waitForLine(/^up$/, LONG);
      return program;
    };
    // The first is the server of the others, which start together.
    const [first = [], ...others] = programs as readonly (readonly string[])[];
    const started = [await begin(first), ...(await Promise.all(others.map(begin)))];
    await socketsOf(sockets, programs.length);
    const command = omniIpc(['web', ...options], undefined, env);
    afterwards(() => command.kill('SIGINT'));
    const [, url = ''] = await command.waitForLine(/^\{"url":"(.*)"\}$/);
    return { url, started, command };
  }

  /** The page, and everything that it asked for and complained of. */
  async function open(
    url: string,
    look: { colorScheme?: 'dark' | 'light'; width?: number; height?: number } = {},
  ): Promise<{ page: Page; asked: string[]; faults: string[] }> {
    const { colorScheme = 'light', width = 1280, height = 800 } = look;
    const page = await browser.newPage({ colorScheme, viewport: { width, height } });
    afterwards(() => page.close());
    page.setDefaultTimeout(LONG);
    const asked: string[] = [];
    const faults: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(url);
    return { page, asked, faults };
  }

  async function pair(options: readonly string[] = []) {
    const path = join(freshDirectory(), 's');
    const served = await serve(
      [
        ['inspected', path, 'serve'],
        ['inspected', path, 'connect'],
      ],
      options,
    );
    return { ...served, path };
  }

  const tab = (page: Page, name: string) => page.locator(`#tab-${name}`);
  const chosen = (page: Page) => page.locator('[role=tab][aria-selected=true]').textContent();

  it('shows processes, connections, packets, requests and figures, and sends nothing elsewhere', async () => {
    const { url, started, path } = await pair(['--payloads']);
    const { page, asked, faults } = await open(url);
    const [server, client] = started.map(({ process }) => String(process.pid));
    await page.locator('.node').nth(1).waitFor();
    expect(await page.locator('.edge').count()).toBe(1);
    await page.locator('.node.server').click();
    const details = page.locator('.map aside');
    await details.getByText('Slowest handlers').waitFor();
    expect(await details.textContent()).toContain(`from inspected.js ${client}`);
    expect(await page.locator('#totals dd').first().textContent()).toBe('2');

    await tab(page, 'connections').click();
    const rows = page.locator('tbody tr');
    await rows.nth(1).waitFor();
    expect(await rows.count()).toBe(2);
    expect(await rows.allInnerTexts()).toContain(jasmine.stringContaining(`unix:${path}`));
    await page.locator('#panel-connections input').fill(String(server));
    expect(await rows.count()).toBe(1);

    await tab(page, 'packets').click();
    await page.locator('#panel-packets input[type=search]').fill('tick');
    await page
      .locator('.row.in .type', { hasText: /^tick$/ })
      .first()
      .waitFor();
    expect(await page.locator('.row:not([hidden]) .type', { hasText: 'add' }).count()).toBe(0);
    await page.locator('#pause').click();
    await page.locator('.row.in:not([hidden])').first().click();
    await page.locator('#panel-packets pre', { hasText: '"secret": "hush"' }).waitFor();
    const shown = page.locator('#panel-packets .filters .hint');
    await shown.getByText(/^Paused/).waitFor();
    await page.locator('#pause').click();

    await tab(page, 'requests').click();
    await page.locator('.call.error .took', { hasText: 'ERR_SLOW' }).first().waitFor();
    await page
      .locator('.call:not([hidden]) .process', { hasText: `→ inspected.js ${server}` })
      .first()
      .waitFor();
    await page.locator('#panel-requests select').selectOption('failed');
    expect(await page.locator('.call:not([hidden]):not(.error)').count()).toBe(0);

    await tab(page, 'charts').click();
    expect(await page.locator('.plot canvas').count()).toBe(3);

    await tab(page, 'compose').click();
    await page.locator('[name=type]').fill('add');
    await page.locator('[name=data]').fill('[20, 22]');
    await page.getByRole('button', { name: 'Request' }).click();
    await page.locator('[role=log] li', { hasText: 'request add → 42' }).waitFor();
    await page.locator('[name=data]').fill('oops');
    await page.getByRole('button', { name: 'Emit' }).click();
    await page.locator('[role=log] li.error').waitFor();

    const { origin } = new URL(url);
    expect(asked.filter((one) => !one.startsWith(`${origin}/`))).toEqual([]);
    expect(faults).toEqual([]);
    expect(page.url()).toBe(`${origin}/`);
  });

  it('does not run text that peers have chosen, and shows it escaped', async () => {
    const path = join(freshDirectory(), 's');
    const { url } = await serve([['mean-names', path]], ['--payloads']);
    const { page, asked, faults } = await open(url);
    await page.locator('.node').first().click();
    for (const name of VIEWS) {
      await tab(page, name).click();
      await page.waitForTimeout(400);
    }
    await tab(page, 'packets').click();
    await page.locator('.row .type', { hasText: '<img src=x onerror=' }).first().waitFor();
    await page.locator('.row .type', { hasText: '\\u202etfel' }).first().waitFor();
    const row = page.locator('.row:not([hidden])', { hasText: '<script>' }).first();
    await row.waitFor();
    // Rows that arrive would move others away from under the pointer.
    await page.locator('#pause').click();
    await row.click();
    await page.locator('#panel-packets pre', { hasText: '<script>' }).waitFor();
    await tab(page, 'requests').click();
    await page.locator('.call .type', { hasText: '<svg onload=' }).first().waitFor();
    expect(await page.locator('main img, main script, main [onerror], main [onload]').count()).toBe(0);
    expect(await page.evaluate('globalThis.pwned')).toBeUndefined();
    expect(faults).toEqual([]);
    expect(asked.filter((one) => one.endsWith('/x'))).toEqual([]);
  });

  it('can be used by keyboard alone', async () => {
    const { url } = await pair();
    const { page } = await open(url);
    await page.locator('.node').nth(1).waitFor();
    await page.keyboard.press('3');
    expect(await chosen(page)).toBe('Packets');
    await page.locator('#tab-packets').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await chosen(page)).toBe('Connections');
    await page.keyboard.press('ArrowRight');
    await page.locator('.row.out').first().waitFor();
    for (let presses = 0; presses < 8; presses++) {
      await page.keyboard.press('Tab');
      if (await page.locator('.rows:focus').count()) break;
    }
    await page.keyboard.press('ArrowDown');
    await page.locator('.row.chosen').waitFor();
    await page.keyboard.press('p');
    expect(await page.locator('#pause').textContent()).toBe('Resume');
    await page.keyboard.press('p');
    await page.keyboard.press('1');
    await page.locator('.node').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('.map aside h2').waitFor();
    await page.keyboard.press('t');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await page.keyboard.press('6');
    await page.locator('[name=type]').focus();
    await page.keyboard.type('add');
    await page.keyboard.press('Control+Enter');
    await page.locator('[role=log] li', { hasText: 'request add' }).waitFor();
  });

  it('has a dark and a light theme, and fits a phone', async () => {
    const { url } = await pair(['--payloads']);
    const { origin, hash } = new URL(url);
    const looks = [
      { name: 'light', colorScheme: 'light', width: 1280, height: 800 },
      { name: 'dark', colorScheme: 'dark', width: 1280, height: 800 },
      { name: 'phone', colorScheme: 'light', width: 390, height: 780 },
    ] as const;
    const backgrounds = new Set<unknown>();
    for (const { name, ...look } of looks) {
      const { page, faults } = await open(`${origin}/${hash}`, look);
      await page.locator('.node').nth(1).waitFor();
      backgrounds.add(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      for (const view of VIEWS) {
        await tab(page, view).click();
        await page.waitForTimeout(300);
        await page.screenshot({ path: join(PICTURES, `${name}-${view}.png`) });
        const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(wide).withContext(`${name} ${view}`).toBe(0);
      }
      expect(faults).toEqual([]);
    }
    expect(backgrounds.size).toBe(2);
  });

  it('keeps all labels of a crowded map in the picture and readable on a phone, beside the figures of a process', async () => {
    const path = join(freshDirectory(), 's');
    const clients = Array.from({ length: 15 }, () => ['inspected', path, 'connect'] as const);
    const { url } = await serve([['inspected', path, 'serve'], ...clients]);
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open(url, { colorScheme, width: 390, height: 780 });
      await page.locator('.node').nth(15).waitFor();
      expect(await page.evaluate(OUTSIDE))
        .withContext(colorScheme)
        .toEqual([]);
      await page.locator('.node.server').focus();
      await page.keyboard.press('Enter');
      await page.locator('.map aside h2').waitFor();
      // The picture is smaller now: the map is scaled down until it is drawn again with the next figures.
      await page.evaluate(REDRAWN);
      expect(await page.evaluate(OUTSIDE))
        .withContext(`${colorScheme}, with figures`)
        .toEqual([]);
      const size = await page.evaluate("getComputedStyle(document.querySelector('.node text')).fontSize");
      expect(size).toBe('11px');
      await page.screenshot({ path: join(PICTURES, `phone-crowd-${colorScheme}.png`) });
    }
  });

  it('reports a wrong token, recovers after a reload, and reports that the server is gone', async () => {
    const { url, command } = await pair();
    const { origin, port } = new URL(url);
    const wrong = await open(`${origin}/#${'x'.repeat(43)}`);
    await wrong.page.getByText('The token is missing or wrong').waitFor();
    const { page } = await open(url);
    await page.locator('.node').nth(1).waitFor();
    await page.reload();
    await page.locator('.node').nth(1).waitFor();
    await command.kill('SIGINT');
    await page.getByText('is omni-ipc web still running?').waitFor();
    expect(Number(port)).toBeGreaterThan(0);
  });

  it('shows 50 processes and 5,000 packets a second, and reports its frame rate', async () => {
    const path = join(freshDirectory(), 's');
    const clients = Array.from({ length: 49 }, () => ['busy', path, 'connect', '35'] as const);
    const { url } = await serve([['busy', path, 'serve'], ...clients]);
    const { page, faults } = await open(url);
    await page.locator('.node').nth(49).waitFor();
    await page.waitForTimeout(3000);
    await page.screenshot({ path: join(PICTURES, 'crowd-map.png') });
    for (const view of VIEWS) {
      await tab(page, view).click();
      const { frames, longest } = (await page.evaluate(FRAMES)) as { frames: number; longest: number };
      const rate = await page.locator('#totals dd').nth(2).textContent();
      console.log(`  ${view}: ${rate} messages/s, ${frames} frames/s, longest gap ${Math.round(longest)} ms`);
      expect(Number(rate?.replaceAll(',', '')))
        .withContext(view)
        .toBeGreaterThan(0);
    }
    await tab(page, 'packets').click();
    await page.locator('.row.in').first().waitFor();
    await page.screenshot({ path: join(PICTURES, 'crowd-packets.png') });
    expect(faults).toEqual([]);
  });
});

/** The labels of the map that are not wholly in its picture. */
const OUTSIDE = `[...document.querySelectorAll('.node text')].filter((text) => {
  const [one, all] = [text, document.querySelector('.picture')].map((element) => element.getBoundingClientRect());
  return one.left < all.left || one.right > all.right || one.top < all.top || one.bottom > all.bottom;
}).map(({ textContent }) => textContent)`;

/** Ends when the map is drawn in its own scale. The page's policy forbids `waitForFunction`, whose later looks evaluate text. */
const REDRAWN = `new Promise((resolve) => {
  const look = () => {
    const { a: scale } = document.querySelector('.picture svg').getScreenCTM();
    if (Math.abs(scale - 1) < 0.05) resolve();
    else requestAnimationFrame(look);
  };
  look();
})`;

/** Counts the frames of two seconds, and the longest time between two of them. */
const FRAMES = `new Promise((resolve) => {
  const begin = performance.now();
  let last = begin;
  let frames = 0;
  let longest = 0;
  const frame = (now) => {
    longest = Math.max(longest, now - last);
    last = now;
    frames++;
    if (now - begin < 2000) requestAnimationFrame(frame);
    else resolve({ frames: Math.round((frames / (now - begin)) * 1000), longest });
  };
  requestAnimationFrame(frame);
})`;
