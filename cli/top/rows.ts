import type { InspectedProcess } from '../inspect/processes.js';
import type { ShownProcess } from '../inspect/shown.js';

/** One row of `top`. */
export interface Row extends ShownProcess {
  readonly pid: number;
  readonly thread: number;
}

export const SORTS = ['messages', 'bytes', 'open', 'queued', 'connections', 'cpu', 'slowest', 'pid'] as const;
export type Sort = (typeof SORTS)[number];

const MOST_HANDLERS = 5;

export function rowOf(one: InspectedProcess): Row {
  return { ...shown(one), pid: one.report?.pid ?? 0, thread: one.report?.thread ?? 0 };
}

export function shown({ report, figures, key, blocked, slowest }: InspectedProcess): ShownProcess {
  return {
    key,
    program: report?.program ?? '',
    connections: figures?.connections ?? 0,
    messages: Math.round(figures?.packets ?? 0),
    bytes: Math.round(figures?.bytes ?? 0),
    open: figures?.open ?? 0,
    answering: figures?.answering ?? 0,
    queued: figures?.queued ?? 0,
    cpu: Math.round((figures?.cpu ?? 0) * 100),
    blocked,
    slowest: slowest.list(MOST_HANDLERS).map((slow) => ({
      ...slow,
      mean: rounded(slow.mean),
      most: rounded(slow.most),
    })),
  };
}

/**
 * Filters rows by a text in the process id, program or handlers, and sorts them: figures in descending order, process ids
 * in ascending order.
 */
export function arranged(rows: readonly Row[], sort: Sort, reverse: boolean, filter: string): Row[] {
  const wanted = filter.toLowerCase();
  const has = (text: string) => text.toLowerCase().includes(wanted);
  const found = rows.filter(
    ({ key, program, slowest }) => has(key) || has(program) || slowest.some(({ type }) => has(type)),
  );
  const worth = (row: Row) => (sort === 'slowest' ? (row.slowest[0]?.mean ?? 0) : row[sort]);
  const order = (sort === 'pid' ? 1 : -1) * (reverse ? -1 : 1);
  return found.sort((one, other) => order * (worth(one) - worth(other)) || one.pid - other.pid);
}

function rounded(ms: number): number {
  return Number(ms.toFixed(3));
}
