/**
 * Parses the subset of YAML that pnpm and yarn write to their lock files, and people to their settings: nested mappings, lists, quoted and plain scalars,
 * flow mappings and lists, and block scalars. Every scalar becomes a string. Anchors, tags and multiple documents are not
 * supported.
 * @throws SyntaxError if a line is none of these
 */
export function readYaml(source: string): unknown {
  const lines: Line[] = [];
  for (const [index, raw] of source.split(/\r?\n/).entries()) {
    const body = raw.trimStart();
    lines.push({ indent: raw.length - body.length, body: body.trimEnd(), number: index + 1 });
  }
  const reader = new Reader(lines);
  const value = reader.block(0);
  reader.end();
  return value;
}

interface Line {
  readonly indent: number;
  readonly body: string;
  readonly number: number;
}

/** A key, and what follows it on its line. */
export const KEY =
  /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#"'[\]{},&*!|>%@`-][^#]*?|-[^\s:][^#]*?|[@][^#]*?)\s*:(?:\s+(.*)|$)/;

class Reader {
  readonly #lines: readonly Line[];
  #at = 0;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  /** Parses a mapping, list or scalar that starts at the next line, if that line is indented by at least `least`. */
  block(least: number): unknown {
    const first = this.#next();
    if (first === undefined || first.indent < least) return '';
    return first.body === '-' || first.body.startsWith('- ')
      ? this.#list(first.indent)
      : this.#mapping(first.indent);
  }

  /** @throws SyntaxError if input is left */
  end(): void {
    const line = this.#next();
    if (line !== undefined) fail(line);
  }

  #mapping(indent: number): Record<string, unknown> {
    const found: Record<string, unknown> = Object.create(null);
    for (let line = this.#next(); line !== undefined && line.indent >= indent; line = this.#next()) {
      const [, key = '', rest = ''] = (line.indent === indent && line.body.match(KEY)) || fail(line);
      this.#at++;
      found[scalar(key)] = this.#value(rest, indent);
    }
    return found;
  }

  #list(indent: number): unknown[] {
    const found: unknown[] = [];
    for (let line = this.#next(); line?.indent === indent && line.body.startsWith('-'); line = this.#next()) {
      this.#at++;
      found.push(this.#value(line.body.slice(1).trim(), indent));
    }
    return found;
  }

  #value(rest: string, indent: number): unknown {
    const start = rest.replace(/^&\S+\s*/, '').replace(/^#.*/, '');
    if (start === '') return this.#empty(indent);
    if (/^[|>][+-]?\d*$/.test(start)) return this.#scalarBlock(indent);
    if (start.startsWith('{') || start.startsWith('[')) return flow(this.#whole(start, indent));
    return scalar(this.#whole(start, indent));
  }

  /** Parses what follows a key without a value: an indented block, or a list at the key's own indentation. */
  #empty(indent: number): unknown {
    const next = this.#next();
    const list = next !== undefined && next.indent === indent && next.body.startsWith('- ');
    return list ? this.#list(indent) : this.block(indent + 1);
  }

  /** Joins a scalar with its continuation lines, which are indented further. */
  #whole(start: string, indent: number): string {
    const parts = [start];
    for (let line = this.#lines[this.#at]; line !== undefined && line.body !== '' && line.indent > indent; ) {
      parts.push(line.body);
      line = this.#lines[++this.#at];
    }
    return parts.join(' ');
  }

  #scalarBlock(indent: number): string {
    const parts: string[] = [];
    for (
      let line = this.#lines[this.#at];
      line !== undefined && (line.body === '' || line.indent > indent);
    ) {
      parts.push(line.body);
      line = this.#lines[++this.#at];
    }
    return parts.join('\n').trim();
  }

  /** The next line that is neither blank nor a comment. */
  #next(): Line | undefined {
    for (let line = this.#lines[this.#at]; line !== undefined; line = this.#lines[++this.#at])
      if (line.body !== '' && !/^(#|---$|%)/.test(line.body)) return line;
    return undefined;
  }
}

function fail(line: Line): never {
  throw new SyntaxError(`line ${line.number} is not understood: ${line.body.slice(0, 60)}`);
}

/** Parses a quoted or plain scalar, which a comment may follow. */
export function scalar(source: string): string {
  const text = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(#.*)?$/.exec(source)?.[1] ?? source;
  if (text.startsWith('"')) return String(JSON.parse(text.replace(/\\'/g, "'")));
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  return text.replace(/\s+#.*$/, '');
}

/** Parses a flow mapping or list: `{integrity: sha512-..., tarball: x}`, `[a, b]`. */
function flow(source: string): unknown {
  const tokens =
    source.match(
      /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[{}[\],]|:(?=\s|$)|(?:[^{}[\],:\s]|:(?!\s))(?:[^{}[\],:]|:(?!\s))*/g,
    ) ?? [];
  let at = 0;
  const value = (): unknown => {
    const token = tokens[at++] ?? '';
    if (token === '{') return mapping();
    if (token === '[') return list();
    return scalar(token.trim());
  };
  const mapping = () => {
    const found: Record<string, unknown> = Object.create(null);
    while (at < tokens.length && tokens[at] !== '}') {
      const key = scalar((tokens[at++] ?? '').trim());
      if (tokens[at] === ':') at++;
      found[key] = value();
      if (tokens[at] === ',') at++;
    }
    at++;
    return found;
  };
  const list = () => {
    const found: unknown[] = [];
    while (at < tokens.length && tokens[at] !== ']') {
      found.push(value());
      if (tokens[at] === ',') at++;
    }
    at++;
    return found;
  };
  return value();
}
