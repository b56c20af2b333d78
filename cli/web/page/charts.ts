import uPlot from 'uplot';
import { el } from './dom.js';
import { bytes, clock, duration } from './figures.js';
import type { Model, Series } from './model.js';
import type { View } from './views.js';

interface Line {
  readonly label: string;
  readonly of: keyof Series;
  readonly color: string;
  readonly scale?: string;
}

interface Chart {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly text: Readonly<Record<string, (value: number) => string>>;
}

const plain = (value: number) => (value >= 10_000 ? `${Math.round(value / 1000)}k` : String(value));

const CHARTS: readonly Chart[] = [
  {
    title: 'Rate',
    lines: [
      { label: 'messages/s', of: 'messages', color: '--blue' },
      { label: 'bytes/s', of: 'bytes', color: '--amber', scale: 'bytes' },
    ],
    text: { y: plain, bytes },
  },
  {
    title: 'Latency of requests',
    lines: [
      { label: 'p50', of: 'p50', color: '--green' },
      { label: 'p99', of: 'p99', color: '--red' },
    ],
    text: { y: duration },
  },
  {
    title: 'Queues',
    lines: [
      { label: 'open requests', of: 'open', color: '--blue' },
      { label: 'queued bytes', of: 'queued', color: '--amber', scale: 'bytes' },
    ],
    text: { y: plain, bytes },
  },
];

const HEIGHT = 170;
/** The tick steps of axes that count whole things. */
const WHOLE = [1, 2, 5]
  .flatMap((step) => Array.from({ length: 10 }, (_, power) => step * 10 ** power))
  .sort((one, other) => one - other);
const LEAST: Readonly<Record<string, number>> = { y: 1, bytes: 1024 };

/** Charts of the last five minutes. */
export class ChartsView implements View {
  readonly title = 'Charts';
  readonly element = el('div', { class: 'charts' });
  readonly #model: Model;
  #plots: { plot: uPlot; chart: Chart; holder: HTMLElement }[] = [];

  constructor(model: Model) {
    this.#model = model;
  }

  render(): void {
    if (this.#plots.length === 0) this.#build();
    for (const { plot, chart, holder } of this.#plots) {
      const width = Math.max(200, holder.clientWidth);
      if (plot.width !== width) plot.setSize({ width, height: HEIGHT });
      plot.setData(this.#data(chart));
    }
  }

  themed(): void {
    for (const { plot } of this.#plots) plot.destroy();
    this.#plots = [];
    this.element.replaceChildren();
    if (this.element.isConnected) this.render();
  }

  #build(): void {
    for (const chart of CHARTS) {
      const holder = el('div', { class: 'plot' });
      const label = `${chart.title}: ${chart.lines.map((line) => line.label).join(' and ')} of the last five minutes`;
      const keys = chart.lines.map((line) => el('span', { class: `key ${line.color.slice(2)}` }, line.label));
      const title = el('h2', {}, chart.title, ' ', ...keys);
      this.element.append(el('section', { 'aria-label': label }, title, holder));
      const plot = new uPlot(options(chart), this.#data(chart), holder);
      this.#plots.push({ plot, chart, holder });
    }
  }

  #data({ lines }: Chart): uPlot.AlignedData {
    const { series } = this.#model;
    return [series.time, ...lines.map((line) => series[line.of])] as uPlot.AlignedData;
  }
}

function options({ lines, text }: Chart): uPlot.Options {
  const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const axis = {
    stroke: color('--dim'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  const scales = [...new Set(lines.map(({ scale = 'y' }) => scale))];
  return {
    width: 600,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: Object.fromEntries(
      scales.map((scale) => [
        scale,
        { range: (_plot, _least, most) => [0, Math.max(LEAST[scale] ?? 1, (most ?? 0) * 1.1)] },
      ]),
    ) as uPlot.Scales,
    axes: [
      {
        ...axis,
        values: (_plot: uPlot, times: number[]) => times.map((time) => clock(time * 1000).slice(0, 8)),
        space: 90,
        size: 30,
      },
      ...scales.map((scale, index) => ({
        ...axis,
        scale,
        side: index === 0 ? 3 : 1,
        size: 75,
        ...(text[scale] === duration ? {} : { incrs: WHOLE }),
        grid: index === 0 ? axis.grid : { show: false },
        values: (_plot: uPlot, values: number[]) => values.map((value) => text[scale]?.(value) ?? ''),
      })),
    ] as uPlot.Axis[],
    series: [
      {},
      ...lines.map(({ label, color: name, scale = 'y' }) => ({
        label,
        scale,
        stroke: color(name),
        width: 2,
        spanGaps: true,
        points: { show: false },
      })),
    ],
  };
}
