import { readFileSync } from 'node:fs';
import { commands } from '../../cli/registry.js';
import { freshPath } from '../support/places.js';
import { inProject } from '../support/project.js';
import { type Outcome, omniIpc, run, serve } from './support.js';

describe('The command', () => {
  it('lists every command with --help, and on standard error if no command is named', async () => {
    const [asked, not] = await Promise.all([run(['--help']), run([])]);
    expect(asked.code).toBe(0);
    for (const { name, summary } of commands) {
      expect(asked.stdout).toContain(`\n  ${name}`);
      expect(asked.stdout).toContain(summary);
    }
    expect(not).toEqual({ code: 2, stdout: '', stderr: asked.stdout });
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
    expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  for (const { name, options } of commands) {
    it(`describes each option in the help of ${name}`, async () => {
      const { code, stdout } = await run([name, '--help']);
      expect(code).toBe(0);
      for (const option of [...Object.keys(options), 'json', 'pretty', 'help'])
        expect(stdout).toContain(`--${option}`);
    });
  }

  it('reports a usage error in one line, with exit code 2 and no stack trace', async () => {
    const mistakes: [string[], RegExp][] = [
      [['serv'], /There is no command "serv"\. Did you mean serve\?/],
      [['\u001b[2J'], /There is no command "\\u001b\[2J"/],
      [['emit', 'world'], /emit is missing an argument\. Usage: omni-ipc emit ADDRESS TYPE \[DATA\]/],
      [['ping', 'world', 'more'], /ping takes no argument "more"/],
      [
        ['ping', 'world', '--cuont', '3'],
        /There is no option "--cuont"; did you mean --count\? omni-ipc ping --help lists/,
      ],
      [['ping', 'world', '-x'], /There is no option "-x"\. omni-ipc ping --help lists the options\./],
      [['ping', 'world', '--wait'], /'--wait <value>' argument missing\. omni-ipc ping --help/],
      [
        ['ping', 'world', '--wait', '-5'],
        /--wait needs a value\. A value that begins with a dash follows a long name and =/,
      ],
      [['ping', 'world', '-c', '-5'], /-c needs a value/],
      [
        ['tap', './one', 'unix:./one'],
        /tap would connect to itself: LISTEN and TARGET are both unix:\.\/one\./,
      ],
      [['ping', 'world', '--count', 'three'], /--count is "three"; it must be a whole number from 1 on/],
      [['ping', 'world', '--wait', 'long'], /--wait is "long"; it must be a duration such as/],
      [
        ['ping', 'world', '--dialect', 'latin'],
        /--dialect is "latin"; it must be one of json, net-ipc, topic/,
      ],
      [['ping', 'localhost:80'], /Did you mean tcp:\/\/localhost:80\?/],
      [['emit', 'world', 'message', 'hello'], /The data is not JSON: hello .*Quote strings, or use --text/],
      [['emit', 'world', 'message', '@/no/such/file'], /ENOENT.*; check the name of the file\.$/m],
      [['emit', 'world', 'ipc:hello'], /ERR_IPC_(ARGUMENT|CONNECT)/],
    ];
    const outcomes = await Promise.all(mistakes.map(([args]) => run(args)));
    for (const [index, [args, message]] of mistakes.entries()) {
      const { code, stdout, stderr } = outcomes[index] as Outcome;
      expect(stderr).toMatch(message);
      expect(stderr.trim().split('\n').length).withContext(stderr).toBe(1);
      expect(stdout).toBe('');
      if (!args.includes('ipc:hello')) expect(code).withContext(args.join(' ')).toBe(2);
    }
  });

  it('exits with 3 if there is no server', async () => {
    const { code, stderr } = await run(['ping', `unix:${freshPath()}`]);
    expect(code).toBe(3);
    expect(stderr).toContain('ERR_IPC_CONNECT');
  });

  it('ends quietly with 141 when the reader of its output goes away', async () => {
    const { address } = await serve(['--echo']);
    const program = omniIpc(['ping', address, '--interval', '1ms', '--count', '1000000']);
    await program.waitForLine(/ms/);
    program.process.stdout.destroy();
    expect((await program.exited).code).toBe(141);
    expect(program.stderr).toBe('');
  });

  it('exits at Ctrl-C with 0 if it serves, and with 130 if its work is unfinished', async () => {
    if (process.platform === 'win32') return pending('Windows has no signals');
    const { program, address } = await serve();
    const asking = omniIpc(['request', address, 'never', '-']);
    await program.waitForLine(/1 connected/);
    asking.process.kill('SIGINT');
    expect((await asking.exited).code).toBe(130);
    program.process.kill('SIGINT');
    expect((await program.exited).code).toBe(0);
  });
});
