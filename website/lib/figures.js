// @ts-check
/** Writes the page with the figures of the benchmark: a chart and a table for each workload of bench/results/. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages, root } from './places.js';

const results = join(root, 'bench', 'results');

/**
 * @typedef {{ key: string, label: string, better: 'more' | 'less', digits?: number }} Metric
 * @typedef {{ id: string, name: string, failed?: string, median?: Record<string, number> }} Subject
 * @typedef {{ workload: string, title: string, rounds: number, machine: Record<string, string | number>,
 *   metrics: Metric[], cases: { name: string, subjects: Subject[] }[] }} Result
 */

/** Copies the charts into the folder of the page. @returns the text of the page */
export function writeFigures() {
  const files = readdirSync(results).filter((name) => name.endsWith('.json'));
  /** @type {Result[]} */
  const all = files.map((name) => JSON.parse(readFileSync(join(results, name), 'utf8')));
  mkdirSync(join(pages, 'results'), { recursive: true });
  for (const { workload } of all)
    copyFileSync(join(results, `${workload}.svg`), join(pages, 'results', `${workload}.svg`));
  return `# Figures

The figures are medians of the last run of each workload. [Benchmarks](./benchmarks.md) describes the method, the rules for a fair
comparison, and how to read the results. The charts and the figures of all rounds are in \`bench/results/\`.

${all.map(sectionOf).join('\n')}`;
}

function sectionOf(/** @type {Result} */ { workload, title, rounds, machine, metrics, cases }) {
  const { cpu, cores, system, node, date } = machine;
  return `## ${title}

\`npm run bench -- ${workload}\`, ${rounds} rounds on ${date}: ${cores} cores of ${cpu}, ${system}, Node ${node}.

![${title}](./results/${workload}.svg)

${metrics.map((metric) => tableOf(metric, cases)).join('\n\n')}
`;
}

function tableOf(/** @type {Metric} */ metric, /** @type {Result['cases']} */ cases) {
  const names = new Map(cases.flatMap(({ subjects }) => subjects.map(({ id, name }) => [id, name])));
  const head = [
    `${metric.label}${metric.better === 'less' ? ' (less is better)' : ''}`,
    ...cases.map(({ name }) => name),
  ];
  const rows = [...names].map(([id, name]) => [
    name,
    ...cases.map(({ subjects }) =>
      figureOf(
        metric,
        subjects.find((subject) => subject.id === id),
      ),
    ),
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function figureOf(/** @type {Metric} */ { key, digits = 0 }, /** @type {Subject | undefined} */ subject) {
  const value = subject?.median?.[key];
  if (value === undefined) return '–';
  const precise = value < 10 ? Math.max(digits, 1) : digits;
  return value.toLocaleString('en', { minimumFractionDigits: precise, maximumFractionDigits: precise });
}
