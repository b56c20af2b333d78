import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterwards } from '../../support/afterwards.js';
import { freshCertificates } from '../../support/certificates.js';
import { freshDirectory, freshPath } from '../../support/places.js';
import { commandOf, omniIpc, run, serve, values } from '../support.js';

describe('omni-ipc emit', () => {
  it('sends an argument, a file of lines, a text, and each line of standard input', async () => {
    const { program, address } = await serve();
    const file = join(freshDirectory(), 'lines');
    writeFileSync(file, '{"n":1}\n\n{"n":2}\n');
    const runs: [string[], string?][] = [
      [['m', '"hello"']],
      [['m', `@${file}`]],
      [['m', 'plain text', '--text']],
      [['m', '-'], '1\n\n[2]\n'],
      [['m']],
    ];
    for (const [args, input] of runs) expect((await run(['emit', address, ...args], input)).code).toBe(0);
    await program.waitForLine(/5 disconnected/);
    program.process.kill('SIGTERM');
    await program.exited;
    const seen = values(program.stdout) as { type: string; data: unknown; from: number }[];
    expect(seen.map(({ data }) => data)).toEqual(['hello', { n: 1 }, { n: 2 }, 'plain text', 1, [2], {}]);
    expect(seen.every(({ type }) => type === 'm')).toBe(true);
  });

  it('sends the lines before one that is not JSON, and names that line', async () => {
    const { program, address } = await serve();
    const { code, stderr } = await run(['emit', address, 'm', '-'], '1\noops\n3\n');
    expect(code).toBe(2);
    expect(stderr).toContain('Line 2 of standard input is not JSON: oops');
    await program.waitForLine(/"data":1/);
    expect(program.stdout).not.toContain('"data":3');
  });

  it('loses no line of many', async () => {
    const { program, address } = await serve();
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index}\n`).join('');
    expect((await run(['emit', address, 'm', '-'], lines)).code).toBe(0);
    await program.waitForLine(/"data":19999/);
    const seen = values(program.stdout) as { data: number }[];
    expect(seen.length).toBe(20_000);
    expect(seen.every(({ data }, index) => data === index)).toBe(true);
  });
});

describe('omni-ipc request', () => {
  it('prints one answer a line, in order', async () => {
    const { address } = await serve(['--echo', '--reply', 'time={"now":0}']);
    expect(await run(['request', address, 'time'])).toEqual({ code: 0, stdout: '{"now":0}\n', stderr: '' });
    expect((await run(['request', address, 'n', '-'], '1\n[2]\n"3"\n')).stdout).toBe('1\n[2]\n"3"\n');
  });

  it('exits with 6 if the server refuses, and continues with the next line', async () => {
    const { address } = await serve(['--reply', 'known=1']);
    const { code, stdout, stderr } = await run(['request', address, 'unknown']);
    expect([code, stdout]).toEqual([6, '']);
    expect(stderr).toContain('ERR_IPC_NO_HANDLER');
    const exec = await serve([
      '--exec',
      commandOf(`const { value } = await lines.next();
        if (value === '2') process.exitCode = 1;
        else console.log(value);`),
    ]);
    const many = await run(['request', exec.address, 'n', '-'], '1\n2\n3\n');
    expect([many.code, many.stdout]).toEqual([6, '1\n3\n']);
  });

  it('exits with 5 if no answer comes in time', async () => {
    const { address } = await serve(['--exec', commandOf('setTimeout(() => {}, 3000);')]);
    const { code, stderr } = await run(['request', address, 'n', '--timeout', '200ms']);
    expect(code).toBe(5);
    expect(stderr).toContain('ERR_IPC_TIMEOUT');
  });
});

describe('omni-ipc publish and subscribe', () => {
  it('carry messages from a pipe to a pipe', async () => {
    const { address } = await serve();
    const subscriber = omniIpc(['subscribe', address, 'w.*', 'news', '--count', '3']);
    await subscriber.waitForLine(/^subscribed to w\.\*, news$/);
    await run(['publish', address, 'w.paris', '-'], '1\n2\n');
    await run(['publish', address, 'other', '0']);
    await run(['publish', address, 'news', '3']);
    expect((await subscriber.exited).code).toBe(0);
    expect(values(subscriber.stdout)).toEqual([
      { topic: 'w.paris', data: 1 },
      { topic: 'w.paris', data: 2 },
      { topic: 'news', data: 3 },
    ]);
  });

  it('exits with 5 if too few messages came in time, and with 7 if the server has gone', async () => {
    const { program, address } = await serve();
    expect((await run(['subscribe', address, 'w', '--count', '1', '--for', '100ms'])).code).toBe(5);
    expect((await run(['subscribe', address, 'w', '--for', '100ms'])).code).toBe(0);
    const subscriber = omniIpc(['subscribe', address, 'w']);
    await subscriber.waitForLine(/^subscribed/);
    program.process.kill('SIGTERM');
    expect((await subscriber.exited).code).toBe(7);
  });
});

describe('omni-ipc ping', () => {
  it('prints a line for each ping', async () => {
    const { address } = await serve();
    const { code, stdout } = await run(['ping', address, '-c', '3', '-i', '1ms']);
    expect(code).toBe(0);
    const times = values(stdout) as { ms: number }[];
    expect(times.length).toBe(3);
    expect(times.every(({ ms }) => ms > 0 && ms < 10_000)).toBe(true);
  });

  it('with --wait, waits until the server listens', async () => {
    const path = freshPath();
    const waiting = omniIpc(['ping', `unix:${path}`, '-c', '1', '--wait', '90s']);
    await serve([], `unix:${path}`);
    expect((await waiting.exited).code)
      .withContext(waiting.stderr)
      .toBe(0);
  });

  it('gives up when the time of --wait has passed, although --timeout is longer', async () => {
    const { code, stderr } = await run(['ping', `unix:${freshPath()}`, '--wait', '200ms', '--timeout', '1h']);
    expect(code).toBe(3);
    expect(stderr).toContain('ERR_IPC_CONNECT: Cannot connect');
  });
});

describe('omni-ipc serve', () => {
  it('runs a command for each packet, with the type in the environment and never in the command', async () => {
    const { address } = await serve([
      '--exec',
      commandOf(`const { value } = await lines.next();
        console.log(JSON.stringify({ type: process.env.OMNI_IPC_TYPE, data: JSON.parse(value) }));`),
    ]);
    const { stdout } = await run(['request', address, '$(touch pwned); `id`', '{"x":1}']);
    expect(values(stdout)).toEqual([{ type: '$(touch pwned); `id`', data: { x: 1 } }]);
  });

  it('answers calls for streams with the lines of a command, which reads the body after the data', async () => {
    const { program, address } = await serve([
      '--exec',
      commandOf(`const { value } = await lines.next();
        console.log(JSON.stringify([process.env.OMNI_IPC_TYPE, JSON.parse(value)]));
        for await (const line of lines) console.log(line);`),
    ]);
    const { code, stdout } = await run(['stream', address, 'all', '7', '--body', '-'], '"one"\n"two"\n');
    expect([code, values(stdout)]).toEqual([0, [['all', 7], 'one', 'two']]);
    await program.waitForLine(/"type":"all","data":7,"id":1,"stream":true/);
    // The same type can be asked for once, too.
    expect((await run(['request', address, 'all', '7'])).stdout).toBe('["all",7]\n');
  });

  it('ends the command when the caller of its stream has left, and ends the stream when the command fails', async () => {
    // The command ends when its connection does.
    const watch = createServer();
    afterwards(() => watch.close());
    await new Promise<void>((resolve) => watch.listen(0, '127.0.0.1', resolve));
    const ended = new Promise((resolve) =>
      watch.on('connection', (socket) =>
        socket
          .on('error', () => {})
          .on('close', resolve)
          .resume(),
      ),
    );
    const command = commandOf(`const { value } = await lines.next();
      if (value === '0') {
        console.log(1);
        process.exitCode = 3;
        return;
      }
      const { port } = ${JSON.stringify(watch.address())};
      require('node:net').connect(port, '127.0.0.1', () => setInterval(() => console.log('tick'), 50));`);
    const { program, address } = await serve(['--exec', command]);
    expect((await run(['stream', address, 'ticks', '1', '--count', '2'])).stdout).toBe('"tick"\n"tick"\n');
    await ended;
    const failed = await run(['stream', address, 'ticks', '0']);
    expect([failed.code, failed.stdout]).toEqual([6, '1\n']);
    expect(failed.stderr).toContain('exit code 3');
    program.kill('SIGTERM');
    await program.exited;
  });

  it('answers calls for streams with a list, and with their own body or data', async () => {
    const { address } = await serve(['--reply', 'list=[1,2]', '--reply', 'one={"a":1}', '--echo']);
    expect((await run(['stream', address, 'list'])).stdout).toBe('1\n2\n');
    expect((await run(['stream', address, 'one'])).stdout).toBe('{"a":1}\n');
    expect((await run(['stream', address, 'echo', '5'])).stdout).toBe('5\n');
    expect((await run(['stream', address, 'echo', '5', '--body', '-'], '6\n7\n')).stdout).toBe('6\n7\n');
    const plain = await serve();
    expect((await run(['stream', plain.address, 'nobody'])).stderr).toContain('ERR_IPC_NO_HANDLER');
  });

  it('forwards bytes unchanged with --raw, in both directions', async () => {
    const { program, address } = await serve(['--raw', '--echo'], 'tcp://127.0.0.1:0');
    const { connect } = await import('node:net');
    const [, port] = address.match(/:(\d+)$/) ?? [];
    const socket = connect(Number(port), '127.0.0.1');
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    socket.write(bytes);
    const echoed = await new Promise((resolve) => socket.once('data', resolve));
    expect(echoed).toEqual(bytes);
    socket.destroy();
    program.process.kill('SIGTERM');
    await program.exited;
    expect(program.stdout.length).toBe(5);
  });

  it('accepts clients of net-ipc and socket-ipc if --dialect names them', async () => {
    const { program, address } = await serve(['--dialect', 'json,net-ipc,topic', '--reply', 'request="yes"']);
    expect((await run(['emit', address, 'a', '1', '--dialect', 'topic'])).code).toBe(0);
    expect((await run(['request', address, 'request', '2', '--dialect', 'net-ipc'])).stdout).toBe('"yes"\n');
    await program.waitForLine(/"type":"a","data":1/);
    await program.waitForLine(/"type":"request","data":2/);
  });

  it('speaks TLS, and refuses clients that --ca has not certified with --request-cert', async () => {
    const { ca, server, client, stranger } = freshCertificates();
    const pair = ['--cert', server.cert, '--key', server.key, '--ca', ca, '--request-cert'];
    const { address } = await serve([...pair, '--reply', 'a=1'], 'tls://localhost:0');
    const local = address.replace('127.0.0.1', 'localhost');
    const as = (who: { cert: string; key: string }) => ['--ca', ca, '--cert', who.cert, '--key', who.key];
    expect((await run(['request', local, 'a', ...as(client)])).stdout).toBe('1\n');
    expect((await run(['request', local, 'a', ...as(stranger)])).code).not.toBe(0);
    expect((await run(['request', local, 'a'])).code).toBe(3);
  });

  it('answers over UDP', async () => {
    const { address } = await serve(['--echo'], 'udp4://127.0.0.1:0');
    expect((await run(['request', address, 'n', '[1]'])).stdout).toBe('[1]\n');
  });

  it('refuses the path of a running server, and a missing directory', async () => {
    const { address } = await serve();
    const second = await run(['serve', address]);
    expect(second.code).toBe(3);
    expect(second.stderr).toContain('ERR_IPC_IN_USE');
    if (process.platform === 'win32') return; // A pipe lies in no directory.
    const folder = mkdtempSync(join(freshDirectory(), 'x'));
    expect((await run(['serve', `unix:${folder}/no/such/place`])).stderr).toContain('ERR_IPC_ADDRESS');
  });

  it('escapes text that a client chose in the lines it prints', async () => {
    const { program, address } = await serve();
    await run([
      'emit',
      address,
      '\u001b]0;x\u0007\u202e\u009b',
      JSON.stringify({ '\u001b[2J': '\u202eevil' }),
    ]);
    await program.waitForLine(/evil/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
    expect(program.stdout + program.stderr).not.toMatch(/[\u001b\u0007\u009b\u202e]/);
    expect(values(program.stdout)).toEqual([
      jasmine.objectContaining({ type: '\u001b]0;x\u0007\u202e\u009b', data: { '\u001b[2J': '\u202eevil' } }),
    ]);
  });
});
