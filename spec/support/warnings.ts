import { once } from './events.js';

/** The process warnings that are given while something runs, and in the turn after; they are not shown. */
export async function warningsOf(act: () => unknown): Promise<unknown[]> {
  const warnings: unknown[] = [];
  const { emitWarning } = process;
  process.emitWarning = (warning: unknown) => void warnings.push(warning);
  try {
    await act();
    await turn();
    await turn();
  } finally {
    process.emitWarning = emitWarning;
  }
  return warnings;
}

/** The next warning of the process, which is not shown. */
export async function nextWarning(): Promise<unknown> {
  const printers = process.listeners('warning');
  process.removeAllListeners('warning');
  const [warning] = await once(process, 'warning');
  for (const printer of printers) process.on('warning', printer);
  return warning;
}

/** Waits, turn by turn, until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
