import { KEY, scalar } from './yaml.js';

/**
 * Sets a member of a YAML document, which keeps the rest of its text: comments, order and line ends.
 * @param path the keys that lead to the member; mappings that are missing are added
 * @throws SyntaxError if a mapping on the path is not written as a block, with a key per line
 */
export function setInYaml(source: string, path: readonly string[], value: string): string {
  const newline = source.includes('\r\n') ? '\r\n' : '\n';
  const lines = source.split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  let block: Block = { from: 0, to: lines.length, indent: '' };
  for (const [depth, key] of path.entries()) {
    const at = find(lines, block, key);
    if (at < 0) {
      lines.splice(endOf(lines, block), 0, ...members(path.slice(depth), value, block.indent));
      break;
    }
    const inner = blockAfter(lines, at, block);
    const [, , rest = ''] = lines[at]?.trim().match(KEY) ?? [];
    if (depth < path.length - 1) {
      if (rest !== '' && !rest.startsWith('#')) throw notSimple(lines, at);
      block = inner;
    } else {
      if (inner.from < endOf(lines, inner)) throw notSimple(lines, at);
      const [comment = ''] = rest.match(/\s+#.*$/) ?? [];
      lines[at] = `${block.indent}${keyText(key)}: ${value}${comment}`;
    }
  }
  return lines.join(newline) + newline;
}

/** The lines of a mapping, and their indentation. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly indent: string;
}

function find(lines: readonly string[], { from, to, indent }: Block, key: string): number {
  for (let at = from; at < to; at++) {
    const line = lines[at] ?? '';
    const [, found] = indentOf(line) === indent ? (line.trim().match(KEY) ?? []) : [];
    if (found !== undefined && scalar(found) === key) return at;
  }
  return -1;
}

/** The block that belongs to a key. */
function blockAfter(lines: readonly string[], key: number, around: Block): Block {
  let to = key + 1;
  while (to < around.to && (isBlank(lines[to]) || deeper(lines[to], around.indent))) to++;
  const first = lines.slice(key + 1, to).find((line) => !isBlank(line));
  return { from: key + 1, to, indent: first === undefined ? `${around.indent}  ` : indentOf(first) };
}

/** The line after the last one of a block that is neither blank nor a comment. */
function endOf(lines: readonly string[], { from, to }: Block): number {
  while (to > from && isBlank(lines[to - 1])) to--;
  return to;
}

function members([key = '', ...rest]: readonly string[], value: string, indent: string): string[] {
  if (rest.length === 0) return [`${indent}${keyText(key)}: ${value}`];
  return [`${indent}${keyText(key)}:`, ...members(rest, value, `${indent}  `)];
}

/** A plain scalar cannot begin with an `@`. */
function keyText(key: string): string {
  return /^[\w/.-]+$/.test(key) ? key : `'${key.replaceAll("'", "''")}'`;
}

function isBlank(line = ''): boolean {
  return /^\s*(#.*)?$/.test(line);
}

function deeper(line = '', indent: string): boolean {
  return indentOf(line).length > indent.length;
}

function indentOf(line: string): string {
  return /^\s*/.exec(line)?.[0] ?? '';
}

function notSimple(lines: readonly string[], at: number): SyntaxError {
  return new SyntaxError(
    `line ${at + 1} is not a mapping with a key per line: ${(lines[at] ?? '').trim().slice(0, 60)}`,
  );
}
