import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterwards } from '../support/afterwards.js';
import { launchBrowser } from '../support/browser.js';
import { inProject } from '../support/project.js';

/** Where pictures of the pages are left, for people to look at. */
const PICTURES = inProject('.build', 'pictures', 'site');
const SITE = inProject('website', 'dist');
const AXE = readFileSync(inProject('website', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
const LONG = 20_000;

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

const looks = [
  { name: 'desktop-light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'desktop-dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'phone-light', colorScheme: 'light', viewport: { width: 390, height: 780 } },
  { name: 'phone-dark', colorScheme: 'dark', viewport: { width: 390, height: 780 } },
] as const;

interface Opened {
  page: Page;
  /** What the page asked of other hosts, which was refused. */
  refused: string[];
  faults: string[];
}

describe('The website', () => {
  let browser: Browser;
  let origin: string;
  const server = createServer((request, response) => {
    const { pathname } = new URL(String(request.url), 'http://localhost');
    const name = decodeURIComponent(pathname).replace(/\/$/, '/index.html');
    const file = [join(SITE, name), join(SITE, `${name}.html`)].find(
      (one) => existsSync(one) && statSync(one).isFile(),
    );
    if (file === undefined) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    return response.end(readFileSync(file));
  });

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await launchBrowser();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function open(
    path: string,
    { colorScheme, viewport }: Omit<(typeof looks)[number], 'name'> = looks[0],
  ) {
    const page = await browser.newPage({ colorScheme, viewport });
    afterwards(() => page.close());
    page.setDefaultTimeout(LONG);
    const opened: Opened = { page, refused: [], faults: [] };
    await page.route(
      (url) => url.origin !== origin && url.protocol !== 'data:',
      (route) => {
        opened.refused.push(route.request().url());
        return route.abort();
      },
    );
    page.on('console', (message) => {
      if (message.type() === 'error') opened.faults.push(message.text());
    });
    page.on('pageerror', (error) => opened.faults.push(error.message));
    await page.goto(`${origin}/${path}`);
    await page.waitForFunction('document.querySelector("#app")?.__vue_app__ !== undefined');
    return opened;
  }

  const heading = (page: Page, text: string) => page.locator('h1', { hasText: text }).waitFor();

  for (const [words, path, title] of [
    ['backplane', /\/(scaling|config)\.html/, /Scaling|Configuration/],
    ['ERR_IPC_FULL', /\/errors\.html#err_ipc_full/, /Errors/],
    ['registerCodec', /registerCodec|codec/, /registerCodec|Conversations/],
  ] as const) {
    it(`finds ${words} without requests to another host`, async () => {
      const { page, refused, faults } = await open('start.html');
      await page.locator('.DocSearch-Button').click();
      await page.locator('.VPLocalSearchBox input').fill(words);
      const found = page.locator('.VPLocalSearchBox .result');
      await found.first().waitFor();
      await found.filter({ hasText: title }).first().click();
      await page.waitForURL(path);
      await page.locator('h1', { hasText: title }).waitFor();
      expect(refused).toEqual([]);
      expect(faults).toEqual([]);
    });
  }

  it('links from the home page to the start, the guides and the reference, and back', async () => {
    const { page, refused, faults } = await open('');
    await page.getByRole('link', { name: 'Start in five minutes' }).click();
    await heading(page, 'Start');
    await page.locator('.VPSidebar').getByRole('link', { name: 'Scaling' }).click();
    await heading(page, 'Scaling');
    await page.locator('.VPDocAsideOutline').getByRole('link', { name: 'Guarantees' }).click();
    await page.waitForURL(/#guarantees$/);
    await page.locator('.pager-link.next').click();
    await heading(page, 'When does my process exit?');
    await page.locator('.VPNavBarMenu').getByRole('link', { name: 'Reference' }).click();
    await heading(page, 'Reference');
    await page.locator('.VPSidebar').getByRole('link', { name: 'omni-ipc/channel' }).click();
    await page.locator('.VPSidebar').getByRole('link', { name: 'Channel', exact: true }).click();
    await heading(page, 'Class: Channel');
    await page.goBack();
    await page.locator('.VPNavBarTitle a').click();
    await heading(page, 'omni-ipc');
    expect(await page.locator('main, [role=main]').count()).toBe(1);
    expect(refused).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('scrolls to the heading of a link, even below images that have not been loaded', async () => {
    const { page } = await open('results.html#requests-64-byte-payload');
    await page.waitForLoadState('networkidle');
    const top = "document.querySelector('#requests-64-byte-payload').getBoundingClientRect().top";
    await page.waitForFunction(`${top} >= 0 && ${top} < 200`);
    expect(await page.evaluate(top)).toBeLessThan(200);
  });

  it('has a tab for each module system, and shows the code of the chosen one', async () => {
    const { page } = await open('start.html');
    const group = page.locator('.vp-code-group').first();
    for (const [tab, first] of [
      ['CommonJS', "const ipc = require('omni-ipc');"],
      ['TypeScript', 'interface World {'],
      ['ESM', "import ipc from 'omni-ipc';"],
    ] as const) {
      await group.locator('label', { hasText: tab }).click();
      await group.locator('.blocks > .active', { hasText: first }).waitFor();
      expect(await group.locator('.blocks > :visible').count()).toBe(1);
    }
  });

  it('has a dark and a light theme, and keeps the chosen one', async () => {
    const { page } = await open('start.html');
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.locator('.VPNavBarAppearance .VPSwitchAppearance').click();
    await page.locator('html.dark').waitFor();
    const dark = await background();
    await page.reload();
    await page.locator('html.dark').waitFor();
    expect(await background()).toBe(dark);
    expect(dark).not.toBe(light);
  });

  it('has its menu on a phone', async () => {
    const { page } = await open('start.html', looks[2]);
    await page.locator('.VPLocalNav .menu').click();
    await page.locator('.VPSidebar.open').getByRole('link', { name: 'Errors' }).click();
    await heading(page, 'Errors');
    expect(await page.locator('.VPSidebar.open').count()).toBe(0);
  });

  const guides = readdirSync(SITE).filter((name) => name.endsWith('.html') && name !== '404.html');
  const others = [
    'reference/index.html',
    'reference/omni-ipc/index.html',
    'reference/omni-ipc/interfaces/Client.html',
    'reference/omni-ipc/interfaces/Config.html',
    'reference/omni-ipc/channel/classes/Channel.html',
    'source/example/tls/most-secure.html',
  ];
  for (const [index, path] of [...guides, ...others].entries()) {
    it(`is accessible, and not wider than its window: ${path}`, async () => {
      // The pages that differ most in all looks; every other page in one, each look in its turn.
      const all = ['index.html', 'start.html', 'events.html'].includes(path);
      const chosen = all ? looks : [looks[index % looks.length] ?? looks[0]];
      for (const look of chosen) {
        const { page, refused, faults } = await open(path, look);
        await page.evaluate(AXE);
        const { violations } = (await page.evaluate('axe.run()')) as { violations: Violation[] };
        const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
        expect(said).withContext(look.name).toEqual([]);
        const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(wide).withContext(look.name).toBe(0);
        expect([...refused, ...faults])
          .withContext(look.name)
          .toEqual([]);
        await page.screenshot({ path: join(PICTURES, `${path.replace(/\W/g, '-')}-${look.name}.png`) });
      }
    });
  }
});

/** What axe reports. */
interface Violation {
  id: string;
  nodes: { html: string }[];
}
