// @ts-check
/**
 * `npm run docs:diagram` draws docs/architecture.svg: the project's folders in rows, so that every import points down. With
 * `--check` it writes nothing, and fails if the picture is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importGraph, reduced } from './import-graph.js';

const BOX = { width: 132, height: 34 };
const GAP = { x: 18, y: 54 };
const MARGIN = 24;
const FILLS = {
  'index.ts': '#ffe7c2',
  cli: '#ffe7c2',
  services: '#d7e8ff',
  lib: '#dcf3dc',
  entities: '#eee4fb',
};

/**
 * Draws a project as an SVG.
 * @param {string} root
 */
export function diagram(root) {
  const graph = reduced(importGraph(root));
  const rows = rowsOf(graph);
  const widest = Math.max(...rows.map((row) => row.length));
  const width = 2 * MARGIN + widest * (BOX.width + GAP.x) - GAP.x;
  const height = 2 * MARGIN + rows.length * (BOX.height + GAP.y) - GAP.y;
  /** @type {Map<string, { x: number, y: number }>} */
  const places = new Map();
  for (const [index, row] of rows.entries()) {
    const left = (width - row.length * (BOX.width + GAP.x) + GAP.x) / 2;
    const y = MARGIN + index * (BOX.height + GAP.y);
    for (const [column, name] of row.entries())
      places.set(name, { x: left + column * (BOX.width + GAP.x), y });
  }
  const arrows = [...graph].flatMap(([from, targets]) =>
    [...targets].sort().map((to) => arrow(at(from), at(to))),
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"`,
    '  aria-label="The folders of omni-ipc in rows; every import points from an upper row to a lower one">',
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
    '<path d="M0 0 8 4 0 8z" fill="#667"/></marker></defs>',
    `<rect width="${width}" height="${height}" rx="8" fill="#fff"/>`,
    ...arrows,
    ...[...places].map(([name, place]) => box(name, place)),
    '</svg>',
  ].join('\n')}\n`;

  /** @param {string} name */
  function at(name) {
    return /** @type {{ x: number, y: number }} */ (places.get(name));
  }
}

/**
 * Arranges the folders in rows. Each folder is in the row below the folders that import it, and close to them.
 * @param {import('./import-graph.js').Graph} graph
 */
function rowsOf(graph) {
  /** @param {string} name @returns {number} */
  const depth = (name) => {
    const importers = [...graph].filter(([, targets]) => targets.has(name));
    return Math.max(-1, ...importers.map(([from]) => depth(from))) + 1;
  };
  /** @type {string[][]} */
  const rows = [];
  for (const name of [...graph.keys()].sort()) {
    const row = depth(name);
    rows[row] = [...(rows[row] ?? []), name];
  }
  for (const [index, row] of rows.entries()) {
    const above = rows.slice(0, index);
    /** @param {string} name */
    const centre = (name) => {
      const columns = above.flatMap((names) =>
        names.flatMap((from, column) => (graph.get(from)?.has(name) ? [(column + 0.5) / names.length] : [])),
      );
      return columns.length === 0 ? 0.5 : columns.reduce((sum, one) => sum + one, 0) / columns.length;
    };
    row.sort((a, b) => centre(a) - centre(b) || (a < b ? -1 : 1));
  }
  return rows;
}

/** @param {string} name @param {{ x: number, y: number }} place */
function box(name, { x, y }) {
  const [top = ''] = name.split(/[/:]/);
  const fill = FILLS[/** @type {keyof typeof FILLS} */ (top)];
  return (
    `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="${fill}" stroke="#667"/>` +
    `<text x="${x + BOX.width / 2}" y="${y + BOX.height / 2 + 4.5}" text-anchor="middle" fill="#223" ` +
    `font-family="system-ui, sans-serif" font-size="13">${name}</text>`
  );
}

/** @param {{ x: number, y: number }} from @param {{ x: number, y: number }} to */
function arrow(from, to) {
  const [x1, y1] = [from.x + BOX.width / 2, from.y + BOX.height];
  const [x2, y2] = [to.x + BOX.width / 2, to.y - 2];
  const bend = (y2 - y1) / 2;
  return (
    `<path d="M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}" fill="none" stroke="#667" ` +
    'stroke-width="1.2" marker-end="url(#head)"/>'
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const file = fileURLToPath(new URL('../docs/architecture.svg', import.meta.url));
  const drawn = diagram(root);
  if (!process.argv.includes('--check')) writeFileSync(file, drawn);
  else if (readFileSync(file, 'utf8') !== drawn) {
    console.error(
      'docs/architecture.svg is out of date: the folders import each other differently. Run npm run docs:diagram.',
    );
    process.exitCode = 1;
  }
}
