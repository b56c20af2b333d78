import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterwards } from '../support/afterwards.js';
import { freshRuntime, inspected, socketsOf } from '../support/inspected.js';
import { freshDirectory, freshPath } from '../support/places.js';
import { built } from '../support/project.js';
import { run, serve } from './support.js';

const patience = 30_000;

/** A terminal of tmux, on a server of its own. */
class Terminal {
  readonly #socket = join(freshDirectory(), 'tmux');
  readonly #name = randomBytes(4).toString('hex');

  constructor() {
    // cat reads what is typed where no command does; -x and -y make the terminal large enough for all.
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-s',
      this.#name,
      '-x',
      '120',
      '-y',
      '50',
      'env PS1="$ " sh',
    );
    afterwards(() => this.#tmux('kill-server'));
  }

  /** Types a command line that runs the command, once there is a prompt. */
  async type(line: string): Promise<void> {
    await this.shows(/\$\s*$/);
    const command = `'${process.execPath}' '${join(built, 'cli', 'main.js')}'`;
    this.#tmux('send-keys', '-t', this.#name, '-l', line.replaceAll('omni-ipc', command));
    this.keys('Enter');
  }

  keys(...keys: string[]): void {
    this.#tmux('send-keys', '-t', this.#name, ...keys);
  }

  /** What is on the screen, with lines joined that were too long, and with colours where they are asked for. */
  screen(...options: string[]): string {
    return this.#tmux('capture-pane', '-p', '-J', '-S', '-', '-t', this.#name, ...options);
  }

  /** Waits until the screen shows something. */
  async shows(wanted: RegExp, ...options: string[]): Promise<string> {
    for (const until = Date.now() + patience; Date.now() < until; await wait(20)) {
      const screen = this.screen(...options);
      if (wanted.test(screen)) return screen;
    }
    throw new Error(`The screen does not show ${wanted}:\n${this.screen(...options)}`);
  }

  #tmux(...args: string[]): string {
    const { stdout, stderr, status } = spawnSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' });
    if (status !== 0 && args[0] !== 'kill-server') throw new Error(stderr);
    return stdout;
  }
}

describe('The command in a terminal', () => {
  beforeEach(() => {
    if (spawnSync('tmux', ['-V']).status !== 0) pending('Needs tmux');
  });

  it('prints readable text in colours, and escapes what a peer sends', async () => {
    const terminal = new Terminal();
    const address = `unix:${freshPath()}`;
    await terminal.type(`omni-ipc serve ${address}`);
    await terminal.shows(/listening on/);
    const evil = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e';
    await run(['emit', address, evil, JSON.stringify({ text: evil, list: [1, 2] })]);
    const screen = await terminal.shows(/list: \[ 1, 2 \]/);
    expect(screen).toMatch(
      /\d\d:\d\d:\d\d\.\d{3} {2}1 {2}\\u001b\[2J\\u001b\]0;owned\\u0007\\u009b31m\\u202e/,
    );
    expect(screen).toContain('listening on');
    // tmux gives colours as it has understood them.
    expect(terminal.screen('-e')).toContain('\u001b[36m');
    terminal.keys('C-c');
    await terminal.shows(/1 disconnected\n\^?C?\$ /);
  });

  it('restores the terminal and removes its sockets at Ctrl-C, and exits with the code for that', async () => {
    const terminal = new Terminal();
    const path = freshPath();
    await terminal.type(`omni-ipc serve unix:${path}; echo "code $?"`);
    await terminal.shows(/listening on/);
    terminal.keys('C-c');
    await terminal.shows(/code 0$/m);
    await terminal.type(`ls ${path}; stty -a | grep -oE '(^| )(icanon|echo)( |$)' | wc -l`);
    expect(await terminal.shows(/^[0-9]$/m)).toMatch(/No such file[\s\S]*^2$/m);
  });

  it('exits with 130 when a command that waits for an answer is interrupted', async () => {
    const { program, address } = await serve(['--exec', 'sleep 60']);
    const terminal = new Terminal();
    await terminal.type(`omni-ipc request ${address} slow; echo "code $?"`);
    await program.waitForLine(/"type":"slow"/);
    terminal.keys('C-c');
    await terminal.shows(/code 130$/m);
    expect(terminal.screen()).not.toMatch(/at .*\.js:\d+/);
  });

  it('prints no colours with NO_COLOR, and JSON with --json', async () => {
    const { address } = await serve(['--echo']);
    const terminal = new Terminal();
    await terminal.type(
      `NO_COLOR=1 omni-ipc request ${address} a '{"b":1}'; omni-ipc request ${address} a '{"c":2}' --json`,
    );
    const screen = await terminal.shows(/^\{"c":2\}$/m, '-e');
    expect(screen).toMatch(/^\{ b: 1 \}$/m);
  });

  it('shows programs live in top, sorts and filters them by keys, and restores the terminal', async () => {
    const { sockets, env } = freshRuntime();
    const program = inspected('spec/fixtures/inspected.ts', [join(freshDirectory(), 's'), 'both'], env);
    await program.waitForLine(/^up$/);
    await socketsOf(sockets);
    const terminal = new Terminal();
    await terminal.type(`XDG_RUNTIME_DIR=${env.XDG_RUNTIME_DIR} omni-ipc top -i 200ms; echo "code $?"`);
    await terminal.shows(new RegExp(`MSG/Sv[\\s\\S]*${program.process.pid} +fixtures/inspected.js`));
    await terminal.shows(/SLOWEST HANDLERS[\s\S]*slow/);
    terminal.keys('s', 'r');
    await terminal.shows(/BYTES\/S\^/);
    terminal.keys('/', 'n', 'o', 'n', 'e', 'Enter');
    await terminal.shows(/No process matches the filter[\s\S]*filters: none/);
    terminal.keys('Escape');
    await terminal.shows(/fixtures\/inspected.js/);
    terminal.keys('q');
    expect(await terminal.shows(/code 0$/m)).not.toContain('SLOWEST');
    await terminal.type("stty -a | grep -oE '(^| )(icanon|echo)( |$)' | wc -l");
    await terminal.shows(/^2$/m);
    program.process.stdin.end();
    await program.exited;
  });
});
