import { once } from './events.js';

/** Returns the process warnings during a function and in the turn after it. They are not printed. */
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

/** Waits for the next process warning, which is not printed. */
export async function nextWarning(): Promise<unknown> {
  const printers = process.listeners('warning');
  process.removeAllListeners('warning');
  const [warning] = await once(process, 'warning');
  for (const printer of printers) process.on('warning', printer);
  return warning;
}

/** Waits, turn by turn, until a condition holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
