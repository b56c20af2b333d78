import { card, footnote, MARGIN, text, WIDTH } from './chart.js';
import { brief } from './play.js';

const TOP = 84;
const HEIGHT = 260;
const LEFT = 70;
const RIGHT = 40;

/** Draws a figure against a quantity, both on logarithmic scales, as one SVG. */
export function curve(results) {
  const { title, curve: along, metrics, cases, machine, rounds } = results;
  const [{ key, label, digits }] = metrics;
  const ids = cases[0].subjects.map(({ id }) => id);
  const lines = ids.map((id) => ({ id, name: nameOf(cases, id), points: pointsOf(cases, id, key) }));
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const x = scale(
    cases.map((one) => one.x),
    LEFT,
    WIDTH - RIGHT,
  );
  const y = scale([...values, Math.min(...values) / 2, Math.max(...values) * 2], TOP + HEIGHT, TOP);
  const parts = [text(MARGIN, MARGIN + 14, title, 'title'), text(MARGIN, MARGIN + 38, label, 'faint')];
  for (const one of cases) {
    const at = x(one.x).toFixed(1);
    parts.push(`<line class="grid" x1="${at}" y1="${TOP}" x2="${at}" y2="${TOP + HEIGHT}"/>`);
    parts.push(text(x(one.x) - 14, TOP + HEIGHT + 18, brief(one.x), 'faint'));
  }
  for (const { id, points } of lines) {
    const kind = id === 'bare' ? 'floor' : 'us';
    const path = points.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
    parts.push(`<polyline class="line ${kind}" points="${path.join(' ')}"/>`);
    for (const [at, value] of points) {
      parts.push(`<circle class="${kind}" cx="${x(at).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3.5"/>`);
      const below = kind === 'floor' ? 18 : -9;
      parts.push(text(x(at) - 12, Math.round(y(value) + below), brief(value, digits), 'faint'));
    }
  }
  let bottom = TOP + HEIGHT + 42;
  for (const { id, name } of lines) {
    const words = `${name}: the work grows as ${along} to the power of ${exponent(results, id)}`;
    parts.push(text(MARGIN, bottom, words, id === 'bare' ? 'faint' : ''));
    bottom += 20;
  }
  parts.push(footnote(bottom + 6, machine, rounds));
  return card(title, parts, bottom + 24);
}

/** Returns the exponent with which the total work grows with the quantity: 1 if each unit costs the same. */
export function exponent({ cases, metrics: [{ key }] }, id) {
  const points = pointsOf(cases, id, key).map(([x, value]) => [Math.log(x), Math.log(x * value)]);
  const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const slope =
    points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) /
    points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return slope.toFixed(2);
}

function nameOf(cases, id) {
  return cases[0].subjects.find((subject) => subject.id === id).name;
}

function pointsOf(cases, id, key) {
  const points = [];
  for (const one of cases) {
    const { median } = one.subjects.find((subject) => subject.id === id);
    if (median !== undefined) points.push([one.x, median[key]]);
  }
  return points;
}

/** Maps values to positions, by their logarithms. */
function scale(values, from, to) {
  const logs = values.map(Math.log);
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  return (value) => from + ((Math.log(value) - least) / (most - least)) * (to - from);
}
