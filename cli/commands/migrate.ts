import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from '../command.js';
import { escapeLines, escapeText } from '../escape.js';
import { EXIT, UsageError } from '../exit.js';
import { replaceFile } from '../files/replace-file.js';
import { LIBRARIES } from '../libraries.js';
import { unifiedDiff } from '../migrate/diff.js';
import { rewriteManifest } from '../migrate/manifest.js';
import type { Place } from '../migrate/parsed-file.js';
import { rewrite } from '../migrate/rewrite.js';
import { filesBelow } from '../migrate/sources.js';
import { loadTypeScript, type TypeScript } from '../migrate/typescript.js';
import type { Printer } from '../printer.js';
import { version } from '../version.js';

const SOURCES = /\.([cm]?[jt]s|[jt]sx)$/;
/** Files that may name modules, but that the parser cannot read. */
const OTHERS = /\.(vue|svelte|astro|mdx)$|^(tsconfig|jsconfig)[^/]*\.json$|^\.(babelrc|mocharc|swcrc)[^/]*$/;
const MENTION = new RegExp(
  `(['"])(${Object.keys(LIBRARIES).join('|').replaceAll('/', '\\/')})(?:/[^'"]*)?\\1`,
);
const LONGEST_FILE = 5 * 1024 * 1024;
/** How many build folders are listed. */
const MOST_NAMED = 5;

/** The planned change of one file. */
interface Result {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly places: readonly Place[];
}

export const migrate: Command = {
  name: 'migrate',
  summary: 'changes imports of node-ipc, net-ipc, ipc-server, socket-ipc and ipchannel',
  arguments: '[DIR]',
  count: [0, 1],
  details: `Shows the changes of all JavaScript and TypeScript files and of package.json as a diff, and lists the places whose behaviour differs
according to docs/migrating.md, with file, line and column. It changes files only with --write, and replaces each file atomically.
It skips folders named dist, build, out and coverage. Within a file, it follows imported names through variables and properties; it
does not follow them into other files.

It needs TypeScript 4, 5 or 6 as its parser, in the project or beside this package, because TypeScript 7 has no parser that
JavaScript can call: npx -p typescript@6 -p omni-ipc omni-ipc migrate

The exit code is 0; with --check it is 1 if a change is necessary. --json prints a line of JSON for each file.`,
  examples: [
    ['npx omni-ipc migrate src', 'shows the changes, and writes nothing'],
    ['npx omni-ipc migrate --write && npm install', 'changes the project here'],
  ],
  options: {
    write: { type: 'boolean', short: 'w', description: 'changes the files' },
    check: { type: 'boolean', description: 'fails if a change is necessary' },
  },
  async run({ positionals: [directory = '.'], values, out, signal }) {
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(`${directory} is not a directory.`);
    const typescript = loadTypeScript(directory);
    const json = values.json === true;
    let [changed, places] = [0, 0];
    const built: string[] = [];
    for (const file of filesBelow(directory, (folder) => built.push(folder))) {
      if (signal.aborted) return EXIT.interrupted;
      const result = resultOf(typescript, directory, file, out);
      if (result === undefined) continue;
      const changes = result.before !== result.after;
      if (changes && values.write === true) write(join(directory, file), result);
      if (changes) changed++;
      places += result.places.length;
      if (json) {
        const diff = changes ? unifiedDiff(file, result.before, result.after) : '';
        out.value({
          file,
          changed: changes,
          written: changes && values.write === true,
          diff,
          places: result.places,
        });
      } else tell(result, changes, out);
    }
    if (!json) {
      out.note(summary(changed, places, values.write === true));
      if (changed > 0 && built.length > 0) out.note(leftOut(built));
    }
    return values.check === true && changed > 0 ? EXIT.found : EXIT.ok;
  },
};

function resultOf(typescript: TypeScript, directory: string, file: string, out: Printer): Result | undefined {
  const name = basename(file);
  const isManifest = name === 'package.json';
  if (!isManifest && !SOURCES.test(name) && !OTHERS.test(name)) return undefined;
  const path = join(directory, file);
  if (statSync(path).size > LONGEST_FILE) return undefined;
  const bytes = readFileSync(path);
  const before = bytes.toString();
  if (!Object.keys(LIBRARIES).some((library) => before.includes(library))) return undefined;
  if (!Buffer.from(before).equals(bytes)) {
    out.error('omni-ipc', `${file} is not UTF-8 and is left as it is.`);
    return undefined;
  }
  if (isManifest) {
    const after = rewriteManifest(before, version());
    return after === undefined ? undefined : { file, before, after, places: [] };
  }
  if (!SOURCES.test(name)) {
    const places = mentions(before);
    return places.length === 0 ? undefined : { file, before, after: before, places };
  }
  const rewritten = rewrite(typescript, name, before);
  return rewritten && { file, before, after: rewritten.text, places: rewritten.places };
}

/** The places where a file that the parser cannot read names one of the libraries. */
function mentions(text: string): Place[] {
  return text.split('\n').flatMap((line, index) => {
    const [, , library = ''] = line.match(MENTION) ?? [];
    const says = `names ${library}; this kind of file is not changed: write ${LIBRARIES[library]?.to}`;
    return library === '' ? [] : [{ line: index + 1, column: line.indexOf(library) + 1, says }];
  });
}

/** @throws UsageError if the file has changed on disk since it was read */
function write(path: string, { before, after, file }: Result): void {
  if (readFileSync(path, 'utf8') !== before)
    throw new UsageError(`${file} has just been changed by somebody else; try again.`);
  replaceFile(path, after);
}

function tell({ file, before, after, places }: Result, changes: boolean, out: Printer): void {
  if (changes) {
    for (const line of unifiedDiff(file, before, after).split('\n')) {
      const shown = escapeLines(line.replace(/\r$/, ''));
      if (/^(---|\+\+\+) /.test(line)) out.line(out.paint('bold', shown));
      else if (line.startsWith('@@')) out.line(out.paint('cyan', shown));
      else
        out.line(
          line.startsWith('+')
            ? out.paint('green', shown)
            : line.startsWith('-')
              ? out.paint('red', shown)
              : shown,
        );
    }
  }
  for (const { line, column, says } of places) {
    const where = out.paint('yellow', `${escapeText(file)}:${line}:${column}`);
    out.line(`${where}: ${escapeText(says)}`);
  }
}

/** The note about skipped folders, which may still contain old imports. */
function leftOut(built: readonly string[]): string {
  const names = built.slice(0, MOST_NAMED).map(escapeText).join(', ');
  const more = built.length > MOST_NAMED ? ` and ${built.length - MOST_NAMED} more` : '';
  return `Skipped as the output of builds: ${names}${more}. Build again, or give such a folder as DIR.`;
}

function summary(changed: number, places: number, written: boolean): string {
  if (changed === 0 && places === 0) return 'None of the libraries is imported here.';
  const files = `${changed} ${changed === 1 ? 'file' : 'files'} ${written ? 'changed' : 'to change'}`;
  const rest =
    places === 0 ? 'no place to look at' : `${places} ${places === 1 ? 'place' : 'places'} to look at`;
  return `${files}, ${rest}.${written || changed === 0 ? '' : ' --write changes them.'}`;
}
