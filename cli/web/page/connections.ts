import type { InstanceView, ProcessView } from '../wire.js';
import { clean, el, field, say, set } from './dom.js';
import { bytes, count } from './figures.js';
import type { Model } from './model.js';
import type { View } from './views.js';

interface Row {
  readonly process: ProcessView;
  readonly one: InstanceView;
}

interface Column {
  readonly title: string;
  readonly figure?: boolean;
  /** The value to sort by. */
  value(row: Row): string | number;
  text(row: Row): string;
}

const text = (title: string, value: (row: Row) => string): Column => ({ title, value, text: value });
const figure = (
  title: string,
  value: (row: Row) => number,
  shown: (value: number) => string = count,
): Column => ({ title, figure: true, value, text: (row) => shown(value(row)) });

const COLUMNS: readonly Column[] = [
  text('Process', ({ process }) => `${process.program} ${process.key}`),
  text('Kind', ({ one }) => one.kind),
  text('Address', ({ one }) => one.name),
  text('Dialect', ({ one }) => one.dialect),
  text('Status', ({ one }) => one.status),
  figure('Peers', ({ one }) => one.peers),
  figure('Topics', ({ one }) => one.subscriptions),
  figure('Msg/s', ({ one }) => one.messages),
  figure('Bytes/s', ({ one }) => one.bytes, bytes),
  figure('Open', ({ one }) => one.open),
  figure('Queued', ({ one }) => one.queued, bytes),
];

/** The row limit; the filter finds the others. */
const MOST_ROWS = 300;

/** A table of all clients, servers and channels of all processes. */
export class ConnectionsView implements View {
  readonly title = 'Connections';
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #body = el('tbody');
  readonly #heads: HTMLTableCellElement[];
  readonly #filter = el('input', { type: 'search', placeholder: 'program, address, dialect…' });
  readonly #shown = el('p', { class: 'hint' });
  #sorted = 7;
  #down = true;

  constructor(model: Model) {
    this.#model = model;
    this.#heads = COLUMNS.map(({ title, figure }, index) => {
      const button = el('button', { type: 'button' }, title);
      button.addEventListener('click', () => {
        this.#down = this.#sorted === index ? !this.#down : figure === true;
        this.#sorted = index;
        this.render();
      });
      return el('th', figure === true ? { class: 'figure', scope: 'col' } : { scope: 'col' }, button);
    });
    this.#filter.addEventListener('input', () => this.render());
    const head = el('thead', {}, el('tr', {}, ...this.#heads));
    const table = el('table', { 'aria-label': 'Clients, servers and channels' }, head, this.#body);
    const scroll = el(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table' },
      table,
    );
    this.element = el(
      'div',
      { class: 'panel' },
      el('div', { class: 'filters' }, field('Filter', this.#filter), this.#shown),
      scroll,
    );
  }

  render(): void {
    for (const [index, head] of this.#heads.entries()) {
      const sort = index !== this.#sorted ? 'none' : this.#down ? 'descending' : 'ascending';
      set(head, 'aria-sort', sort);
    }
    const all = this.#model.state.processes.flatMap((process) =>
      process.instances.map((one) => ({ process, one })),
    );
    const wanted = this.#filter.value.toLowerCase();
    const rows = all.filter((row) =>
      COLUMNS.some(({ figure, text }) => figure !== true && text(row).toLowerCase().includes(wanted)),
    );
    const column = COLUMNS[this.#sorted] as Column;
    const sign = this.#down ? -1 : 1;
    rows.sort((one, other) => sign * compare(column.value(one), column.value(other)));
    this.#fill(rows.slice(0, MOST_ROWS));
    const shown = Math.min(rows.length, MOST_ROWS);
    say(this.#shown, shown < all.length ? `${shown} of ${all.length}` : `${all.length}`);
  }

  /** Reuses rows, and writes only cells that changed. */
  #fill(rows: readonly Row[]): void {
    while (this.#body.rows.length > rows.length) this.#body.deleteRow(-1);
    while (this.#body.rows.length < rows.length) {
      const cells = COLUMNS.map(({ figure }) => el('td', figure === true ? { class: 'figure' } : {}));
      this.#body.append(el('tr', {}, ...cells));
    }
    for (const [index, row] of rows.entries()) {
      const cells = (this.#body.rows[index] as HTMLTableRowElement).cells;
      for (const [number, column] of COLUMNS.entries()) {
        const cell = cells[number] as HTMLTableCellElement;
        say(cell, clean(column.text(row)));
        if (column.title === 'Address') set(cell, 'title', clean(row.one.name));
      }
    }
  }
}

function compare(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one).localeCompare(String(other));
}
