import { brief } from './play.js';

export const WIDTH = 760;
const LEFT = 190;
const RIGHT = 110;
export const MARGIN = 24;
const ROW = 26;
const BAR = 16;

export const STYLE = `
    .card { fill: #ffffff; stroke: #d0d7de }
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .title { font-size: 17px; font-weight: 600 }
    .case { font-weight: 600 }
    .faint { fill: #59636e; font-size: 12px }
    .us { fill: #0969da }
    .floor { fill: #8c959f }
    .rival { fill: #afb8c1 }
    .line { fill: none; stroke-width: 2 }
    .line.us { stroke: #0969da }
    .line.floor { stroke: #8c959f }
    .grid { stroke: #d0d7de }
    @media (prefers-color-scheme: dark) {
      .card { fill: #0d1117; stroke: #3d444d }
      text { fill: #f0f6fc }
      .faint { fill: #9198a1 }
      .us { fill: #4493f8 }
      .floor { fill: #7d8590 }
      .rival { fill: #565e68 }
      .line.us { stroke: #4493f8 }
      .line.floor { stroke: #7d8590 }
      .grid { stroke: #3d444d }
    }`;

/** Draws bars for every case and metric of a workload, as one SVG with its own background, so that it suits light and dark pages. */
export function chart({ title, metrics, cases, machine, rounds }, ranked) {
  const parts = [];
  let y = MARGIN + 14;
  parts.push(text(MARGIN, y, title, 'title'));
  for (const one of cases) {
    for (const metric of metrics) {
      y += 34;
      const note = metric.better === 'less' ? ', less is better' : '';
      parts.push(
        `<text x="${MARGIN}" y="${y}"><tspan class="case">${plain(one.name)}</tspan> <tspan class="faint">${plain(metric.label + note)}</tspan></text>`,
      );
      y += 10;
      const subjects = ranked(
        one.subjects.filter(({ median }) => median !== undefined),
        metric,
      );
      const most = Math.max(...subjects.map(({ median }) => median[metric.key]));
      for (const subject of subjects) {
        parts.push(...bar(subject, metric, most, y));
        y += ROW;
      }
    }
  }
  y += 26;
  parts.push(footnote(y, machine, rounds));
  return card(title, parts, y + 18);
}

/** Describes the machine of the measurement. */
export function footnote(y, { cpu, cores, memory, system, node, date }, rounds) {
  const words = `Medians of ${rounds} rounds. ${cpu}, ${cores} cores, ${memory}, ${system}, Node ${node}, ${date}`;
  return text(MARGIN, y, words, 'faint');
}

/** Joins the parts of a chart into one SVG. */
export function card(title, parts, height) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${plain(title)}">
  <style>${STYLE}
  </style>
  <rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
  ${parts.join('\n  ')}
</svg>
`;
}

function bar({ id, name, median }, { key, digits }, most, y) {
  const value = median[key];
  const width = most > 0 ? Math.max(1, (value / most) * (WIDTH - LEFT - RIGHT)) : 1;
  const kind = id === 'omni-ipc' ? 'us' : id === 'bare' ? 'floor' : 'rival';
  const middle = y + ROW / 2 + 5;
  return [
    `<text x="${LEFT - 10}" y="${middle}" text-anchor="end">${plain(name)}</text>`,
    `<rect class="${kind}" x="${LEFT}" y="${y + (ROW - BAR) / 2}" width="${width.toFixed(1)}" height="${BAR}" rx="2"/>`,
    text(LEFT + width + 8, middle, brief(value, digits)),
  ];
}

export function text(x, y, words, kind) {
  return `<text x="${Number(x.toFixed(1))}" y="${y}"${kind ? ` class="${kind}"` : ''}>${plain(words)}</text>`;
}

export function plain(words) {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
