// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { extendMarkdown } from '../lib/markdown.js';
import { built, pages, root, website } from '../lib/places.js';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The pages in their order in the menu. The menu omits pages that do not exist, and has unlisted pages last. */
const GROUPS = {
  'Getting started': ['start', 'migrating', 'what-travels', 'works-with', 'comparison'],
  Guides: ['conversations', 'channel', 'scaling', 'exit', 'command', 'telemetry', 'recipes'],
  'Look up': ['api', 'events', 'config', 'errors', 'reference/index'],
  'Other languages': ['clients', 'wire'],
  Trust: ['security', 'reliability', 'benchmarks', 'results', 'versioning'],
  Project: ['architecture', 'extending', 'contributing', 'changes', 'roadmap', 'code-of-conduct'],
};

/** @returns {import('vitepress').DefaultTheme.SidebarItem[]} */
function sidebar() {
  const listed = Object.values(GROUPS).flat();
  const others = readdirSync(pages)
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -3))
    .filter((name) => name !== 'index' && !listed.includes(name));
  const groups = Object.entries(GROUPS).map(([text, names]) => ({ text, items: names.flatMap(itemOf) }));
  return others.length === 0 ? groups : [...groups, { text: 'More', items: others.flatMap(itemOf) }];
}

function itemOf(/** @type {string} */ name) {
  const file = join(pages, `${name}.md`);
  if (!existsSync(file)) return [];
  const [, title = name] = readFileSync(file, 'utf8').match(/^# (.*)$/m) ?? [];
  return [{ text: title.replaceAll('`', ''), link: `/${name.replace(/index$/, '')}` }];
}

/**
 * Returns the menus of the reference. The menu of each entry point has the list of all entry points, then its own members.
 * @returns {Record<string, import('vitepress').DefaultTheme.SidebarItem[]>}
 */
function referenceSidebars() {
  const modules = flat(JSON.parse(readFileSync(join(pages, 'reference', 'typedoc-sidebar.json'), 'utf8')));
  const entries = { text: 'Entry points', items: modules.map(({ text, link }) => ({ text, link })) };
  const own = modules.map(({ link, groups }) => [link, [entries, ...groups]]);
  return { '/reference/': [entries], ...Object.fromEntries(own) };
}

/**
 * Flattens TypeDoc's list, which nests the entry points by the slashes of their names and makes each group collapsible.
 * @param {import('vitepress').DefaultTheme.SidebarItem[]} modules
 * @returns {{ text: string, link: string, groups: import('vitepress').DefaultTheme.SidebarItem[] }[]}
 */
function flat(modules, above = '') {
  return modules.flatMap(({ text, link = '', items = [] }) => [
    {
      text: above + text,
      link,
      groups: items.filter((item) => !item.link).map((group) => ({ text: group.text, items: group.items })),
    },
    ...flat(
      items.filter((item) => item.link),
      `${above}${text}/`,
    ),
  ]);
}

/** Returns the fragment of a heading as GitHub makes it, so that a link works on GitHub and on the site. */
function slugify(/** @type {string} */ heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/ /g, '-');
}

export default defineConfig({
  title: 'omni-ipc',
  description: 'Inter-process communication for Node.js, with the API and the wire of node-ipc',
  lang: 'en',
  base: process.env.DOCS_BASE ?? '/',
  srcDir: pages,
  outDir: built,
  cacheDir: join(website, '.cache'),
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${process.env.DOCS_BASE ?? '/'}icon.svg` }]],
  markdown: {
    html: false,
    linkify: false,
    anchor: { slugify },
    toc: { slugify },
    headers: { slugify },
    config: extendMarkdown,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  vite: { publicDir: join(pages, 'public'), build: { chunkSizeWarningLimit: 2000 } },
  themeConfig: {
    logo: '/icon.svg',
    search: { provider: 'local' },
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Guides', link: '/conversations' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Figures', link: '/results' },
      { text: version, link: '/changes' },
    ],
    sidebar: {
      '/': sidebar(),
      ...referenceSidebars(),
    },
    outline: [2, 3],
    footer: { message: 'MIT license' },
    docFooter: { prev: 'Previous', next: 'Next' },
  },
});
