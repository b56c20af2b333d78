const CONTEXT = 3;

/** Formats the difference between two texts like `diff -u`, without the note about a missing line end. */
export function unifiedDiff(name: string, before: string, after: string): string {
  const [a, b] = [before.split('\n'), after.split('\n')];
  const changes = changesOf(a, b);
  const lines = [`--- a/${name}`, `+++ b/${name}`];
  for (let index = 0; index < changes.length; ) {
    // Nearby changes share one hunk.
    let last = index;
    while (last + 1 < changes.length && at(changes, last + 1).a - end(at(changes, last)) <= 2 * CONTEXT)
      last++;
    const [first, final] = [at(changes, index), at(changes, last)];
    const start = Math.max(0, first.a - CONTEXT);
    const stop = Math.min(a.length, end(final) + CONTEXT);
    const body: string[] = [];
    let position = start;
    for (const change of changes.slice(index, last + 1)) {
      for (; position < change.a; position++) body.push(` ${a[position]}`);
      for (let line = 0; line < change.removed; line++) body.push(`-${a[change.a + line]}`);
      for (let line = 0; line < change.added; line++) body.push(`+${b[change.b + line]}`);
      position = end(change);
    }
    for (; position < stop; position++) body.push(` ${a[position]}`);
    // The empty string after the last line end is not a line.
    if (stop === a.length && body.at(-1) === ' ') body.pop();
    const [minus, plus] = ['+', '-'].map((mark) => body.filter((line) => !line.startsWith(mark)).length);
    lines.push(`@@ -${start + 1},${minus} +${first.b - (first.a - start) + 1},${plus} @@`, ...body);
    index = last + 1;
  }
  return lines.join('\n');
}

interface Change {
  readonly a: number;
  readonly b: number;
  readonly removed: number;
  readonly added: number;
}

/** The size limit of the table for the longest common subsequence, in cells. */
const MOST_CELLS = 4_000_000;

function changesOf(a: readonly string[], b: readonly string[]): Change[] {
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - start && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail++;
  const [before, after] = [a.slice(start, a.length - tail), b.slice(start, b.length - tail)];
  if (before.length * after.length <= MOST_CELLS)
    return merged(matched(before, after), start, before.length, after.length);
  if (before.length !== after.length) return merged([], start, before.length, after.length);
  const same = before.flatMap((line, index) => (line === after[index] ? [[index, index] as const] : []));
  return merged(same, start, before.length, after.length);
}

type Match = readonly [a: number, b: number];

/** The longest common subsequence of lines. */
function matched(a: readonly string[], b: readonly string[]): Match[] {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  const from = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] =
        a[i] === b[j] ? from(i + 1, j + 1) + 1 : Math.max(from(i + 1, j), from(i, j + 1));
  const matches: Match[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) matches.push([i++, j++]);
    else if (from(i + 1, j) >= from(i, j + 1)) i++;
    else j++;
  }
  return matches;
}

/** The changes between the equal lines. */
function merged(matches: readonly Match[], start: number, removed: number, added: number): Change[] {
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  for (const [a, b] of [...matches, [removed, added] as const]) {
    if (a > i || b > j) changes.push({ a: start + i, b: start + j, removed: a - i, added: b - j });
    [i, j] = [a + 1, b + 1];
  }
  return changes;
}

function at(changes: readonly Change[], index: number): Change {
  return changes[index] as Change;
}

function end(change: Change): number {
  return change.a + change.removed;
}
