// @ts-check
/** Changes to the HTML of Markdown: accessible tables, and images with a size. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** @typedef {import('markdown-it').default} Markdown */

export function extendMarkdown(/** @type {Markdown} */ md) {
  accessibleTables(md);
  sizedImages(md);
}

/** Makes tables accessible for screen readers and keyboards: every header cell has text, and a scrollable table can get the focus. */
function accessibleTables(/** @type {Markdown} */ md) {
  md.core.ruler.push('accessible tables', ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      if (token.type === 'table_open') token.attrSet('tabindex', '0');
      if (token.type === 'th_open' && tokens[index + 1]?.content === '') {
        const close = tokens.slice(index).find(({ type }) => type === 'th_close');
        for (const cell of [token, close]) if (cell !== undefined) cell.tag = 'td';
      }
    }
  });
}

/** Gives images their width and height, so that a page does not move when they load, and a link to a heading below them is right. */
function sizedImages(/** @type {Markdown} */ md) {
  md.core.ruler.push('sized images', ({ tokens, env }) => {
    for (const image of tokens.flatMap(({ children }) => children ?? [])) {
      const source = image.type === 'image' ? image.attrGet('src') : null;
      if (source === null || !/^[^:/]+\.(png|svg)$|^\.\.?\/.*\.(png|svg)$/.test(source)) continue;
      const [width, height] = sizeOf(readFileSync(join(dirname(env.path), source)));
      image.attrSet('width', String(width));
      image.attrSet('height', String(height));
    }
  });
}

/** @returns {[number, number]} the width and the height of a PNG or SVG image, in pixels */
export function sizeOf(/** @type {Buffer} */ image) {
  if (image.subarray(1, 4).toString() === 'PNG') return [image.readUInt32BE(16), image.readUInt32BE(20)];
  const [, width, height] = image.toString().match(/^<svg [^>]*\bwidth="(\d+)" height="(\d+)"/) ?? [];
  if (height === undefined) throw new Error('An image has no size; give the svg a width and a height');
  return [Number(width), Number(height)];
}
