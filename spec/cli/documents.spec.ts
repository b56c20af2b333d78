import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EXIT } from '../../cli/exit.js';
import { commands } from '../../cli/registry.js';
import { afterwards } from '../support/afterwards.js';
import { type Block, blocksOf } from '../support/documents.js';
import { freshDirectory } from '../support/places.js';
import { Program, withoutCoverage } from '../support/processes.js';
import { built, inProject } from '../support/project.js';

const document = readFileSync(inProject('docs', 'command.md'), 'utf8');
const missing = ['sh', 'jq'].filter((tool) => spawnSync(tool, ['-c', 'exit']).error !== undefined);

describe('The page about the command', () => {
  const sections = new Map<string, Block[]>();
  for (const block of blocksOf('docs/command.md').filter(({ language }) => language === 'console'))
    sections.set(block.heading, [...(sections.get(block.heading) ?? []), block]);
  for (const [heading, blocks] of sections) {
    it(`prints what it says: ${heading}`, async () => {
      if (missing.length > 0) return pending(`Needs ${missing.join(' and ')}`);
      await runBlocks(blocks);
    });
  }

  it('has every command with its arguments, and every exit code', () => {
    for (const { name, arguments: given } of commands)
      expect(document).toContain(`| \`${(given ? `${name} ${given}` : name).replaceAll('|', '\\|')}\` |`);
    for (const code of Object.values(EXIT)) expect(document).toContain(`\n| ${code} |`);
  });
});

/** Waits until a command in the background has subscribed, for which a busy machine may need longer than the second of the page. */
function patiently(line: string): string {
  return line.replace(/& sleep 1$/, "2> told & until grep -qs '^subscribed' told; do sleep 0.1; done");
}

/** A block that begins with a server runs beside the next ones; the others print what follows their lines. */
async function runBlocks(blocks: readonly Block[]): Promise<void> {
  const cwd = freshDirectory();
  const command = join(cwd, 'omni-ipc');
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${join(built, 'cli', 'main.js')}' "$@"\n`);
  chmodSync(command, 0o755);
  const env = { ...withoutCoverage(), PATH: `${cwd}${delimiter}${process.env.PATH}`, NO_COLOR: '1' };
  const start = (line: string) => {
    const program = new Program('sh', ['-c', line], { cwd, env });
    afterwards(() => program.kill('SIGTERM'));
    return program;
  };
  const lines = new Map<string, string[]>();
  for (const { text } of blocks) {
    const [first = ''] = text.split('\n');
    const [, server] = first.match(/^\$ (omni-ipc (?:serve|tap) .*)/) ?? [];
    if (server !== undefined) await start(`exec ${server}`).waitForLine(/^listening on /);
    else {
      let line = '';
      for (const one of text.trimEnd().split('\n')) {
        if (!one.startsWith('$ ')) lines.get(line)?.push(one);
        else {
          line = one.slice(2);
          lines.set(line, []);
        }
      }
    }
  }
  // One shell, so that what runs in its background can be waited for.
  const script = [...lines.keys()].map((line) => `${patiently(line)}\necho '--'`).join('\n');
  const program = start(script);
  const { code } = await program.exited;
  expect([code, program.stderr.replace(/^subscribed.*\n/m, '')]).toEqual([0, '']);
  const expected = [...lines.values()].map((printed) => [...printed, '--'].join('\n'));
  expect(program.stdout.trimEnd()).toBe(expected.join('\n'));
}
