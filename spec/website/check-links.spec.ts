import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadLinks } from '../../website/lib/check-links.js';
import { freshDirectory } from '../support/places.js';

/** Writes a site of two pages, the first with the given content. */
function site(content: string): string {
  const folder = freshDirectory();
  mkdirSync(join(folder, 'guide'));
  writeFileSync(join(folder, 'index.html'), `<main>${content}</main>`);
  writeFileSync(
    join(folder, 'guide', 'start.html'),
    '<h2 id="a-client">A client</h2><a href="../index.html">home</a>',
  );
  writeFileSync(join(folder, 'logo.svg'), '<svg/>');
  return folder;
}

describe('The check of the website’s links', () => {
  for (const link of [
    'guide/start.html',
    './guide/start#a-client',
    '/guide/start.html#a-client',
    '#',
    'https://nodejs.org/api/net.html',
  ]) {
    it(`accepts a link that leads somewhere: ${link}`, () => {
      expect(deadLinks(site(`<a class="x" href="${link}">there</a>`))).toEqual([]);
    });
  }

  for (const [what, content, said] of [
    ['a page that does not exist', '<a href="guide/stop.html">', 'guide/stop.html leads to no file'],
    [
      'a heading that does not exist',
      '<a href="guide/start.html#a-server">',
      'guide/start.html#a-server leads to no heading',
    ],
    ['a heading of the page itself that does not exist', '<a href="#here">', '#here leads to no heading'],
    ['an image that does not exist', '<img src="/photo.png">', '/photo.png leads to no file'],
    [
      'a script of another host',
      '<script src="https://example.com/x.js">',
      'https://example.com/x.js is loaded from another host',
    ],
    [
      'a style sheet of another host',
      '<link rel="stylesheet" href="https://example.com/x.css">',
      'https://example.com/x.css is loaded from another host',
    ],
  ] as const) {
    it(`finds ${what}`, () => {
      expect(deadLinks(site(content))).toEqual([`index.html: ${said}`]);
    });
  }

  it('considers the path that the site is served under', () => {
    expect(deadLinks(site('<img src="/omni/logo.svg"><a href="/omni/guide/start.html">'), '/omni/')).toEqual(
      [],
    );
  });
});
