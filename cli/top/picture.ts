import { escapeText } from '../escape.js';
import { bytes, duration } from '../figures.js';
import type { Printer } from '../printer.js';
import type { Row, Sort } from './rows.js';

/** The state that determines what is drawn. */
export interface View {
  readonly sort: Sort;
  readonly reverse: boolean;
  readonly filter: string;
  /** Whether the user is typing the filter. */
  readonly typing: boolean;
}

const HEADER = ['PID', 'PROGRAM', 'CONN', 'MSG/S', 'BYTES/S', 'OPEN', 'BUSY', 'QUEUE', 'CPU', 'SLOWEST'];
const SORTED: Readonly<Record<Sort, string>> = {
  pid: 'PID',
  connections: 'CONN',
  messages: 'MSG/S',
  bytes: 'BYTES/S',
  open: 'OPEN',
  queued: 'QUEUE',
  cpu: 'CPU',
  slowest: 'SLOWEST',
};
const LONGEST_PROGRAM = 30;
/** How many handlers are shown below the processes, if there is room. */
const HANDLERS = 5;

/** The lines of the screen: totals, processes, their slowest handlers, and the keys. Text from peers is escaped. */
export function picture(
  rows: readonly Row[],
  view: View,
  size: { readonly rows: number; readonly columns: number },
  out: Pick<Printer, 'paint'>,
): string[] {
  const { columns } = size;
  const handlers = size.rows > 16 ? handlerLines(rows, columns) : [];
  const room = Math.max(1, size.rows - 4 - (handlers.length > 0 ? handlers.length + 2 : 0));
  const [header = '', ...lines] = table(rows.slice(0, room), view, columns);
  const shown = [out.paint('bold', cut(totals(rows), columns)), '', out.paint('cyan', header), ...lines];
  if (rows.length === 0) shown.push(cut(nothing(view), columns));
  if (handlers.length > 0) {
    const title = 'SLOWEST HANDLERS: mean, most, and calls in the last 10 s';
    shown.push('', out.paint('cyan', cut(title, columns)), ...handlers);
  }
  while (shown.length < size.rows - 1) shown.push('');
  shown.length = size.rows - 1;
  shown.push(out.paint('dim', cut(escapeText(keys(view)), columns)));
  return shown;
}

function totals(rows: readonly Row[]): string {
  const total = (of: (row: Row) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  const messages = total((row) => row.messages).toLocaleString('en');
  return [
    `${rows.length} processes`,
    `${total((row) => row.connections)} connections`,
    `${messages} messages/s`,
    `${bytes(total((row) => row.bytes))}/s`,
    `${total((row) => row.open)} open requests`,
    `${bytes(total((row) => row.queued))} queued`,
  ].join(', ');
}

/** Formats the header and the rows in columns: names on the left, figures on the right. */
function table(rows: readonly Row[], { sort, reverse }: View, columns: number): string[] {
  const arrow = reverse ? '^' : 'v';
  const header = HEADER.map((title) => (title === SORTED[sort] ? `${title}${arrow}` : title));
  const cells = [header, ...rows.map(cellsOf)];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const names = [1, HEADER.length - 1];
  return cells.map((row) => {
    const padded = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return names.includes(column) ? cell.padEnd(width) : cell.padStart(width);
    });
    return cut(padded.join('  ').trimEnd(), columns);
  });
}

function cellsOf(row: Row): string[] {
  const [slow] = row.slowest;
  const slowest = slow === undefined ? '' : `${escapeText(slow.type)} ${duration(slow.mean)}`;
  return [
    row.key,
    cut(escapeText(row.program), LONGEST_PROGRAM),
    String(row.connections),
    row.messages.toLocaleString('en'),
    bytes(row.bytes),
    String(row.open),
    String(row.answering),
    bytes(row.queued),
    `${row.cpu}%`,
    row.blocked ? 'does not answer' : slowest,
  ];
}

function handlerLines(rows: readonly Row[], columns: number): string[] {
  return rows
    .flatMap(({ key, program, slowest }) => slowest.map((slow) => ({ key, program, slow })))
    .sort((one, other) => other.slow.mean - one.slow.mean)
    .slice(0, HANDLERS)
    .map(({ key, program, slow: { type, mean, most, count, failed } }) => {
      const figures = [duration(mean).padStart(10), duration(most).padStart(10), String(count).padStart(7)];
      const whose = `(${key} ${escapeText(program)})${failed > 0 ? `, ${failed} failed` : ''}`;
      return cut([...figures, escapeText(type), whose].join('  '), columns);
    });
}

function nothing({ filter }: View): string {
  if (filter !== '') return 'No process matches the filter.';
  return 'No inspected process. Start one with: node --import omni-ipc/inspect app.js';
}

function keys({ typing, filter, sort }: View): string {
  if (typing) return `filter: ${filter}_  (Enter keeps it, Esc clears it)`;
  return `q quits  s sorts by the next column (${sort})  r reverses  / filters${filter === '' ? '' : `: ${filter}`}`;
}

function cut(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, Math.max(0, columns - 1))}…` : text;
}
