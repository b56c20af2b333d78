import type { Command, Context } from '../command.js';
import type { Change } from '../doctor/draft.js';
import { applyChanges, changesFor } from '../doctor/fix.js';
import { type Occurrence, occurrences } from '../doctor/graph.js';
import { type Malicious, maliciousRelease, mayBeMalicious } from '../doctor/known.js';
import { MANIFEST } from '../doctor/manifest.js';
import { type Project, readProject } from '../doctor/project.js';
import { escapeLines, escapeText } from '../escape.js';
import { EXIT } from '../exit.js';
import { ALIASED, replacementOf } from '../libraries.js';
import type { Printer } from '../printer.js';
import { version } from '../version.js';

export const doctor: Command = {
  name: 'doctor',
  summary: 'finds node-ipc and its relatives in a project, and its malicious releases',
  arguments: '[DIR]',
  count: [0, 1],
  details: `Reads package.json, the lock files of npm, pnpm, yarn and bun, and node_modules. It runs no code of the project, and sends no request
to a registry. For each package that it finds, it prints the dependency that requires it. It also prints the changes of package.json,
of those of workspaces, and of pnpm-workspace.yaml, that make omni-ipc replace node-ipc.

The exit code is 1 if a malicious release is locked or installed, or with --strict any of the packages; it is 2 if a file cannot be
read. While nothing is locked or installed, doctor cannot know which release a range selects. In a pipe each finding, and each
change of a file, is a line of JSON.`,
  examples: [
    ['npx omni-ipc doctor', 'the project here'],
    ['npx omni-ipc doctor --strict', 'for CI: fails while node-ipc or a relative is in use'],
    [
      'npx omni-ipc doctor --fix && npm install',
      'replaces node-ipc by omni-ipc, also in dependencies of dependencies',
    ],
  ],
  options: {
    fix: {
      type: 'boolean',
      description: 'writes overrides or resolutions where the package manager reads them',
    },
    strict: { type: 'boolean', description: 'also fails if it finds a package that is not malicious' },
  },
  async run({ positionals: [directory = '.'], values, out }: Context) {
    const project = readProject(directory);
    const findings = project.graphs.flatMap(findingsIn);
    if (out.json) for (const finding of findings) tell([finding], out);
    else for (const same of merged(findings)) tell(same, out);
    const names = findings.map(({ package: { actual } }) => actual);
    const changes = changesFor(project, names, version());
    if (values.fix === true) applyChanges(project, changes);
    for (const change of changes) tellChange(project, change, change.made || values.fix === true, out);
    if (!out.json && findings.some(needsImports)) out.line(MIGRATE);
    const malicious = findings.filter(({ harm }) => harm !== undefined).length;
    if (!out.json) out.line(summary(project, findings.length, malicious, out));
    const failed = malicious > 0 || (values.strict === true && findings.length > 0);
    return failed ? EXIT.found : EXIT.ok;
  },
};

const RANGE =
  'A range may select a malicious release. Run npm install --ignore-scripts, or the like of your package manager, and then doctor again.';
const MIGRATE = 'For the libraries without an alias, omni-ipc migrate changes the imports of this project.';

interface Finding extends Occurrence {
  readonly harm: Malicious | undefined;
  readonly replacement: string | undefined;
}

function findingsIn(graph: Project['graphs'][number]): Finding[] {
  const found = occurrences(
    graph,
    ({ actual, version: one }) =>
      replacementOf(actual) !== undefined || maliciousRelease(actual, one) !== undefined,
  );
  return found.map((one) => ({
    ...one,
    harm: maliciousRelease(one.package.actual, one.package.version),
    replacement: replacementOf(one.package.actual),
  }));
}

/** Merges findings that the lock file and node_modules have in common, so that each is reported once. */
function merged(findings: readonly Finding[]): (readonly [Finding, ...Finding[]])[] {
  const found = new Map<string, [Finding, ...Finding[]]>();
  for (const one of findings) {
    const { via, neededBy, package: of } = one;
    const key = JSON.stringify([of.name, of.actual, of.version, of.where, via, neededBy]);
    const same = found.get(key);
    if (same === undefined) found.set(key, [one]);
    else same.push(one);
  }
  return [...found.values()];
}

/** Whether the project's own code imports a package that an alias cannot replace. */
function needsImports({ direct, replacement, package: { actual } }: Finding): boolean {
  return direct && replacement !== undefined && !ALIASED.includes(actual);
}

/** @param same one finding with all the places where it occurs */
function tell(same: readonly [Finding, ...Finding[]], out: Printer): void {
  const [finding] = same;
  const { source, via, neededBy, direct, harm, replacement } = finding;
  const { name, actual, version: one, where } = finding.package;
  const alias = name === actual ? {} : { as: name };
  const base = { package: actual, version: one, ...alias, source, where, direct, via, neededBy };
  const unknown = source === MANIFEST && mayBeMalicious(actual, one);
  const advice = harm?.advice ?? (unknown ? RANGE : undefined);
  out.record(
    { finding: harm === undefined ? 'in-use' : 'malicious', ...base, ...harm, advice, replacement },
    () => {
      const title = `${escapeText(actual)} ${escapeText(one)}`;
      const head =
        harm === undefined
          ? `${out.paint('yellow', 'in use')}     ${title}`
          : `${out.paint('red', 'MALICIOUS')}  ${out.paint('bold', title)}: ${harm.does}`;
      const sources = same.map((one) => one.source).join(', ');
      const lines = [head, `  in       ${escapeText(where === source ? source : `${sources}: ${where}`)}`];
      if (via.length > 0) lines.push(`  through  ${escapeText([...via].join(' > '))}`);
      else
        lines.push(
          direct ? '  through  this project' : '  through  no dependency of package.json: it is left over',
        );
      const others = neededBy.filter((asker) => asker !== via.at(-1));
      if (others.length > 0) lines.push(`  and for  ${escapeText(others.join(', '))}`);
      if (advice !== undefined) lines.push(`  to do    ${advice}`);
      if (replacement !== undefined) lines.push(`  instead  ${replacement}`);
      return `${lines.join('\n')}\n`;
    },
  );
}

function tellChange(
  { manager }: Project,
  { file, patch, shown }: Change,
  written: boolean,
  out: Printer,
): void {
  out.record({ finding: 'change', manager, written, file, patch }, () => {
    const what = written
      ? `${escapeText(file)} has these lines; run ${manager} install to apply them:`
      : `With these lines in ${escapeText(file)}, omni-ipc replaces it everywhere (--fix writes them):`;
    return `${what}\n${escapeLines(shown)}\n`;
  });
}

function summary({ graphs }: Project, found: number, malicious: number, out: Printer): string {
  const isDeclared = graphs.every(({ source }) => source === MANIFEST);
  const where = isDeclared
    ? `${MANIFEST} alone, without the dependencies of dependencies: there is no lock file and no node_modules`
    : graphs.map(({ source, packages }) => `${source} (${packages.size} packages)`).join(', ');
  const what =
    malicious > 0
      ? out.paint('red', `${malicious} malicious`)
      : out.paint('green', found === 0 ? 'nothing found' : 'nothing malicious');
  return `${what}. Read: ${where}.`;
}
