import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { UsageError } from '../exit.js';
import { toJson } from '../json.js';
import type { Seen, Side } from './seen.js';

/** One line of a recording. */
export interface Recorded extends Seen {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly connection: number;
  readonly from: Side;
  /** For a response: the milliseconds since its request. */
  readonly ms?: number;
}

/** A file of JSON lines. Only its owner may read it, since it contains payloads. */
export class Recording {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'wx', 0o600);
  }

  write(recorded: Recorded): void {
    writeSync(this.#file, `${toJson(recorded)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/**
 * Reads the lines of a recording.
 * @throws UsageError if a line is invalid
 */
export async function* readRecording(path: string): AsyncGenerator<Recorded, void, undefined> {
  const input = createReadStream(path);
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  failed.catch(() => {});
  await Promise.race([failed, new Promise((resolve) => input.once('open', resolve))]);
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() === '') continue;
    const recorded = parsed(line);
    if (typeof recorded?.time !== 'number' || typeof recorded.connection !== 'number')
      throw new UsageError(
        `Line ${number} of ${path} is not a line of a recording; omni-ipc tap --record makes one.`,
      );
    yield recorded;
  }
}

function parsed(line: string): Recorded | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
