import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, Failure } from '../exit.js';
import { record } from './graph.js';
import { setInYaml } from './yaml-edit.js';

/** A change of one file of a project. */
export interface Change {
  /** Its path in the project, with slashes. */
  readonly file: string;
  /** The members to add. */
  readonly patch: Record<string, unknown>;
  /** The same as text, as it could be added to the file. */
  readonly shown: string;
  /** The text of the file after the change. */
  readonly text: string;
  /** Whether the file already contains all of it. */
  readonly made: boolean;
}

/** A change of a JSON or YAML file that is being put together. */
export class Draft {
  readonly #path: string;
  readonly #file: string;
  readonly #source: string;
  readonly #set: (source: string, path: readonly string[], value: string) => string;
  readonly #patch: Record<string, unknown> = Object.create(null);
  #text: string;
  #shown: string;

  /** @param file the path in the project; a file that does not exist is empty */
  constructor(project: string, file: string) {
    this.#file = file;
    this.#path = join(project, file);
    this.#source = existsSync(this.#path) ? readFileSync(this.#path, 'utf8') : '';
    const isJson = file.endsWith('.json');
    this.#set = isJson ? setInJson : setInYaml;
    this.#shown = isJson ? '{}' : '';
    this.#text = this.#source;
  }

  /**
   * Sets a member.
   * @param path the keys that lead to it
   * @throws Failure if the file cannot be changed
   */
  put(path: readonly string[], value: string): void {
    setIn(this.#patch, path, value);
    this.#shown = this.#set(this.#shown, path, value);
    try {
      this.#text = this.#set(this.#text, path, value);
    } catch (error) {
      const message = `${this.#path} cannot be changed: ${(error as Error).message}; set ${path.join(' > ')} to ${value}.`;
      throw new Failure(message, EXIT.usage);
    }
  }

  change(): Change {
    const made = this.#text === this.#source;
    return { file: this.#file, patch: this.#patch, shown: this.#shown.trimEnd(), text: this.#text, made };
  }
}

/** Sets a member, which keeps the order, the indentation and the line ends. */
function setInJson(source: string, path: readonly string[], value: string): string {
  const content = record(JSON.parse(source));
  if (setIn(content, path, value) === value) return source;
  const indent = source.match(/^([ \t]+)"/m)?.[1] ?? '  ';
  const newline = source.includes('\r\n') ? '\r\n' : '\n';
  const changed = JSON.stringify(content, null, indent).replaceAll('\n', newline);
  return source.endsWith('\n') ? changed + newline : changed;
}

/** @returns what the member was before */
function setIn(content: Record<string, unknown>, path: readonly string[], value: string): unknown {
  const last = path.length - 1;
  let at = content;
  for (const key of path.slice(0, last)) {
    // Without a prototype, as a key may be "__proto__".
    at[key] = Object.hasOwn(at, key) ? record(at[key]) : Object.create(null);
    at = at[key] as Record<string, unknown>;
  }
  const key = path[last] ?? '';
  const before = at[key];
  at[key] = value;
  return before;
}
