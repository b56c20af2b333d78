import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chart } from './chart.js';
import { curve, exponent } from './curve.js';
import { brief, ratio, referencesOf } from './play.js';

const RESULTS = fileURLToPath(new URL('../results', import.meta.url));
const US = 'omni-ipc';
const FLOOR = 'bare';

/** Prints the medians of a case, the spread of its rounds, its ratios, and whether it meets the targets. */
export function printTable(title, workload, one) {
  const { subjects } = one;
  const references = referencesOf(workload);
  console.log(`\n${title}`);
  for (const metric of workload.metrics) {
    const head = [
      `${metric.label}${metric.better === 'less' ? ' (less is better)' : ''}`,
      'median',
      'min',
      'max',
    ];
    const rows = [[...head, ...references.map((id) => `x ${id}`)]];
    for (const subject of ranked(subjects, metric)) rows.push(row(subject, metric, references));
    printColumns(rows);
  }
  for (const line of verdicts(workload, one)) console.log(`  ${line}`);
  console.log('');
}

function row(subject, { key, digits }, references) {
  if (subject.failed !== undefined) return [subject.name, 'failed', '', '', ...references.map(() => '')];
  const values = subject.rounds.map((round) => round[key]);
  const ratios = references.map((id) => {
    const found = subject.ratio[key][id];
    return Number.isFinite(found) ? found.toFixed(2) : '-';
  });
  return [
    subject.name,
    brief(subject.median[key], digits),
    brief(Math.min(...values), digits),
    brief(Math.max(...values), digits),
    ...ratios,
  ];
}

function printColumns(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((cells) => cells[i].length)));
  for (const cells of rows) {
    console.log(
      `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')}`,
    );
  }
}

/** Sorts the best first and the failed last. */
function ranked(subjects, { key, better }) {
  const worth = ({ median }) =>
    median === undefined ? -Infinity : better === 'more' ? median[key] : -median[key];
  return [...subjects].sort((a, b) => worth(b) - worth(a));
}

/** Returns a line for each target that can be checked here. A case may have its own targets, and name the subject that must meet them. */
function verdicts(workload, { subjects, us: id = US, targets = workload.targets }) {
  const { metrics } = workload;
  const us = subjects.find((subject) => subject.id === id);
  if (us?.median === undefined) return [];
  const lines = [];
  for (const target of targets) {
    const found = figure(target, us, subjects, metrics);
    if (found === undefined) continue;
    const holds = target.atLeast !== undefined ? found >= target.atLeast : found <= target.atMost;
    const bound = target.atLeast !== undefined ? `at least ${target.atLeast}` : `at most ${target.atMost}`;
    const against = target.over ? ` above ${target.over}` : target.against ? ` x ${target.against}` : '';
    lines.push(`${holds ? 'holds ' : 'missed'} ${target.metric} ${bound}${against}: ${found.toFixed(3)}`);
  }
  return lines;
}

function figure({ metric, against, over }, us, subjects, metrics) {
  if (over !== undefined) {
    const other = subjects.find(({ id }) => id === over);
    return other?.median && us.median[metric] - other.median[metric];
  }
  if (against === undefined) return us.median[metric];
  const rivals = subjects.filter(({ id, median }) => id !== US && id !== FLOOR && median !== undefined);
  const shape = metrics.find(({ key }) => key === metric);
  const other =
    against === 'best rival'
      ? ranked(rivals, shape)[0]
      : subjects.find(({ id, median }) => id === against && median);
  return other && ratio(us, other, metric);
}

/** Writes the figures of a workload and their chart. */
export function saveResults(name, workload, cases, about, folder = '') {
  const { title, metrics, targets, curve: along } = workload;
  const shown = cases.map((one) => ({
    name: one.name,
    x: one.x,
    verdicts: verdicts(workload, one),
    subjects: one.subjects.map(({ adapter: _, package: __, ...subject }) => subject),
  }));
  const directory = join(RESULTS, folder);
  mkdirSync(directory, { recursive: true });
  const results = { workload: name, title, curve: along, ...about, metrics, targets, cases: shown };
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(
    join(directory, `${name}.svg`),
    along === undefined ? chart(results, ranked) : curve(results),
  );
  if (along === undefined) return;
  for (const { id } of cases[0].subjects)
    console.log(`  ${id}: the work grows as ${along} ^ ${exponent(results, id)}\n`);
}
