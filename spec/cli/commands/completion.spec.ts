import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commands } from '../../../cli/registry.js';
import { freshDirectory } from '../../support/places.js';
import { run } from '../support.js';

const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

describe('omni-ipc completion', () => {
  it('completes commands, options, choices and files in bash', async () => {
    if (!has('bash')) return pending('Needs bash');
    const folder = freshDirectory();
    const script = join(folder, 'completion');
    writeFileSync(script, (await run(['completion', 'bash'])).stdout);
    writeFileSync(join(folder, 'capture.ndjson'), '');
    const complete = (...words: string[]) => {
      const asks = `source "$0"; COMP_WORDS=(omni-ipc "$@"); COMP_CWORD=$#; _omni_ipc; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync('bash', ['-c', asks, script, ...words], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      return stdout.trim().split('\n');
    };
    expect(complete('')).toEqual([...commands.map(({ name }) => name), 'help', '--help', '--version']);
    expect(complete('su')).toEqual(['subscribe']);
    for (const { name, options } of commands)
      expect(complete(name, '--')).toEqual(
        jasmine.arrayContaining(Object.keys(options).map((one) => `--${one}`)),
      );
    expect(complete('emit', 'world', '--di')).toEqual(['--dialect']);
    expect(complete('emit', 'world', '--dialect', '')).toEqual(['json', 'net-ipc', 'topic']);
    expect(complete('replay', 'cap')).toEqual(['capture.ndjson']);
    expect(complete('tap', 'a', 'b', '--record', 'c').sort()).toEqual(
      ['capture.ndjson', 'completion'].sort(),
    );
    expect(complete('completion', 'f')).toEqual(['fish']);
    expect(complete('emit', 'world', '--dialect', '=', 'n')).toEqual(['net-ipc']);
    expect(complete('emit', 'world', '--dialect', '=')).toEqual(['json', 'net-ipc', 'topic']);
    expect(complete('help', 'do')).toEqual(['doctor']);
  });

  it('completes in zsh once its output has been read', async () => {
    if (!has('zsh')) return pending('Needs zsh');
    const script = join(freshDirectory(), 'completion');
    writeFileSync(script, (await run(['completion', 'zsh'])).stdout);
    const asks = 'autoload -Uz compinit && compinit -u -D; source "$1"; print -r -- $_comps[omni-ipc]';
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', asks, 'zsh', script], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['_omni_ipc\n', '']);
  });

  it('completes commands, options, choices and files in fish', async () => {
    if (!has('fish')) return pending('Needs fish');
    const folder = freshDirectory();
    const script = join(folder, 'completion');
    writeFileSync(script, (await run(['completion', 'fish'])).stdout);
    writeFileSync(join(folder, 'capture.ndjson'), '');
    const lines = ['su', 'emit w --dial', 'emit w --dialect n', 'replay cap', 'completion f', 'help do'];
    const asks = lines.map((line) => `complete -C 'omni-ipc ${line}'`).join('; echo ==; ');
    const { stdout } = spawnSync('fish', ['--no-config', '-c', `source completion; ${asks}`], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, HOME: folder },
    });
    const words = stdout.split('==\n').map((part) => part.trim().split('\t')[0]);
    expect(words).toEqual(['subscribe', '--dialect', 'net-ipc', 'capture.ndjson', 'fish', 'doctor']);
  });

  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`prints what ${shell} can read`, async () => {
      const { code, stdout } = await run(['completion', shell]);
      expect(code).toBe(0);
      for (const { name } of commands) expect(stdout).toContain(name);
      if (!has(shell)) return pending(`Needs ${shell} to check it`);
      const script = join(freshDirectory(), 'completion');
      writeFileSync(script, stdout);
      const checked = spawnSync(shell, ['-n', script], { encoding: 'utf8' });
      expect([checked.status, checked.stderr]).toEqual([0, '']);
    });
  }

  it('refuses another shell', async () => {
    const { code, stderr } = await run(['completion', 'toString']);
    expect([code, stderr]).toEqual([2, jasmine.stringContaining('it is bash, zsh or fish')]);
  });
});
