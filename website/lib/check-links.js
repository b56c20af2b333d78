// @ts-check
/** Finds broken links of the built site: links to a missing page, heading or file, and resources from another host. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * @param {string} built the folder of the site
 * @param {string} base the path that it is served under
 * @returns {string[]} a line for each broken link
 */
export function deadLinks(built, base = '/') {
  const files = readdirSync(built, { recursive: true, encoding: 'utf8' }).map((name) =>
    name.replaceAll('\\', '/'),
  );
  const html = files.filter((name) => name.endsWith('.html'));
  const texts = new Map(html.map((name) => [name, readFileSync(join(built, name), 'utf8')]));
  const ids = new Map(
    [...texts].map(([name, text]) => [
      name,
      new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => decode(id))),
    ]),
  );
  const dead = [];
  for (const [page, text] of texts) {
    for (const [, tag, attribute, value = ''] of text.matchAll(/<([a-z]+)\b[^>]*? (href|src)="([^"]*)"/g)) {
      const link = decode(value);
      if (/^(mailto|data):/.test(link)) continue;
      if (/^(https?:)?\/\//.test(link)) {
        if (attribute === 'src' || tag === 'link') dead.push(`${page}: ${link} is loaded from another host`);
        continue;
      }
      const [path = '', fragment = ''] = link.split('#');
      const target = targetOf(built, page, path, base);
      if (!existsSync(join(built, target))) dead.push(`${page}: ${link} leads to no file`);
      else if (fragment !== '' && ids.has(target) && !ids.get(target)?.has(decodeURIComponent(fragment)))
        dead.push(`${page}: ${link} leads to no heading`);
    }
  }
  return [...new Set(dead)];
}

/** Returns the file to which a link of a page leads. */
function targetOf(
  /** @type {string} */ built,
  /** @type {string} */ page,
  /** @type {string} */ path,
  /** @type {string} */ base,
) {
  if (path === '') return page;
  const plain = decodeURI(path);
  const absolute = plain.startsWith('/') ? plain.slice(base.length) : posix.join(posix.dirname(page), plain);
  if (absolute === '' || absolute.endsWith('/')) return `${absolute}index.html`;
  return /\.\w+$/.test(absolute) && existsSync(join(built, absolute))
    ? absolute
    : `${absolute.replace(/\.html$/, '')}.html`;
}

function decode(/** @type {string} */ text) {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
}
