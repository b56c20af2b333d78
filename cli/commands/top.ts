import { choiceOf, durationOf, numberOf, textOf } from '../arguments.js';
import type { Command, Context } from '../command.js';
import { EXIT, UsageError } from '../exit.js';
import { Processes } from '../inspect/processes.js';
import { picture, type View } from '../top/picture.js';
import { arranged, type Row, rowOf, SORTS, type Sort } from '../top/rows.js';
import { Screen } from '../top/screen.js';

export const top: Command = {
  name: 'top',
  summary: 'shows what inspected programs do, live',
  count: [0, 0],
  details: `Shows the programs of this user that were started with node --import omni-ipc/inspect: their connections, messages and bytes per
second, open requests (OPEN), requests that their handlers are working on (BUSY), queued bytes, processor time and slowest handlers.

On a terminal q quits, s sorts by the next column, r reverses the order, and / filters by program, number or handler. In a pipe
each process is a line of JSON at each interval; with --pretty it is plain text.`,
  examples: [
    ['omni-ipc top', 'the live table'],
    [`omni-ipc top --count 1 | jq -c '[.pid, .messages]'`, 'one report, for a script'],
  ],
  options: {
    interval: { type: 'string', short: 'i', value: 'TIME', description: 'the interval between reports (1s)' },
    count: { type: 'string', short: 'c', value: 'NUMBER', description: 'ends after this number of reports' },
    sort: { type: 'string', value: 'COLUMN', choices: SORTS, description: `${SORTS.join(', ')} (messages)` },
    reverse: { type: 'boolean', description: 'sorts the smallest first' },
    filter: { type: 'string', value: 'TEXT', description: 'shows only entries that contain the text' },
  },
  async run(context) {
    const { values, signal } = context;
    const interval = durationOf(values, 'interval') ?? 1000;
    if (interval < 100) throw new UsageError('--interval must be 100ms or more.');
    const looks = numberOf(values, 'count', 1) ?? Number.POSITIVE_INFINITY;
    if (process.platform === 'win32')
      throw new UsageError('top needs the inspector, which this system does not have.');
    const watch = { packets: 0, calls: 0, interval: Math.min(interval, 1000) };
    const processes = new Processes((one) => one.watch(watch, () => {}));
    const show = context.out.terminal && !context.out.json ? new Live(context) : new Lines(context);
    try {
      // Rates are the difference between two reports.
      await processes.refresh();
      for (let look = 0; look < looks && !ended(show, signal); look++) {
        show.draw(processes.all.map(rowOf));
        await pause(interval, show, signal);
        if (ended(show, signal)) break;
        await processes.refresh();
        show.update(processes.all.map(rowOf));
      }
    } finally {
      show.close();
      processes.close();
    }
    return EXIT.ok;
  },
};

/** How the figures are displayed. */
interface Show {
  /** Aborted when the user quits. */
  readonly quit: AbortSignal;
  /** Displays the processes before the first figures are available. */
  draw(rows: readonly Row[]): void;
  /** Displays new figures. */
  update(rows: readonly Row[]): void;
  close(): void;
}

function ended({ quit }: Show, signal: AbortSignal): boolean {
  return quit.aborted || signal.aborted;
}

function pause(ms: number, { quit }: Show, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const any = AbortSignal.any([quit, signal]);
    const timer = setTimeout(resolve, ms);
    any.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function viewOf({ values }: Context): View {
  return {
    sort: choiceOf<Sort>(values, 'sort', SORTS) ?? 'messages',
    reverse: values.reverse === true,
    filter: textOf(values, 'filter') ?? '',
    typing: false,
  };
}

/** Output as JSON lines, or as plain text. */
class Lines implements Show {
  readonly quit = new AbortController().signal;
  readonly #context: Context;
  readonly #view: View;

  constructor(context: Context) {
    this.#context = context;
    this.#view = viewOf(context);
  }

  draw(): void {}

  update(rows: readonly Row[]): void {
    const { out } = this.#context;
    const { sort, reverse, filter } = this.#view;
    const shown = arranged(rows, sort, reverse, filter);
    if (out.json) {
      const time = Date.now();
      for (const { key: _, ...row } of shown) out.value({ time, ...row });
      return;
    }
    const plain = { paint: (_: unknown, text: string) => text };
    const lines = picture(shown, this.#view, { rows: shown.length + 15, columns: 200 }, plain).slice(0, -1);
    out.line(`${lines.filter((line) => line !== '').join('\n')}\n`);
  }

  close(): void {}
}

/** An interactive screen that is controlled by keys. */
class Live implements Show {
  readonly #quit = new AbortController();
  readonly #context: Context;
  readonly #screen: Screen;
  #view: View;
  #rows: readonly Row[] = [];

  constructor(context: Context) {
    this.#context = context;
    this.#view = viewOf(context);
    this.#screen = new Screen(context.out, context.stdin, (text, key) => {
      this.#pressed(text, key.ctrl === true ? `ctrl-${key.name}` : (key.name ?? ''));
      this.draw(this.#rows);
    });
    process.stdout.on('resize', this.#resized);
  }

  get quit(): AbortSignal {
    return this.#quit.signal;
  }

  draw(rows: readonly Row[]): void {
    if (this.quit.aborted) return;
    const { out } = this.#context;
    const { sort, reverse, filter } = this.#view;
    this.#rows = rows;
    const shown = arranged(rows, sort, reverse, filter);
    this.#screen.draw(picture(shown, this.#view, { rows: out.rows, columns: out.columns }, out));
  }

  update(rows: readonly Row[]): void {
    this.draw(rows);
  }

  close(): void {
    process.stdout.off('resize', this.#resized);
    this.#screen.close();
  }

  #resized = () => this.draw(this.#rows);

  #pressed(text: string, name: string): void {
    const view = this.#view;
    if (name === 'ctrl-c') this.#quit.abort();
    else if (view.typing) this.#view = typed(view, text, name);
    else if (name === 'q') this.#quit.abort();
    else if (name === 'r') this.#view = { ...view, reverse: !view.reverse };
    else if (name === 's') {
      const next = SORTS[(SORTS.indexOf(view.sort) + 1) % SORTS.length] as Sort;
      this.#view = { ...view, sort: next };
    } else if (text === '/') this.#view = { ...view, typing: true };
    else if (name === 'escape') this.#view = { ...view, filter: '' };
  }
}

function typed(view: View, text: string, name: string): View {
  if (name === 'return' || name === 'enter') return { ...view, typing: false };
  if (name === 'escape') return { ...view, typing: false, filter: '' };
  if (name === 'backspace') return { ...view, filter: view.filter.slice(0, -1) };
  return text.length === 1 && text >= ' ' ? { ...view, filter: view.filter + text } : view;
}
