import { readFileSync, statSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { IPC } from '../../../index.js';
import { afterwards } from '../../support/afterwards.js';
import { freshCertificates } from '../../support/certificates.js';
import { freshDirectory, freshPath } from '../../support/places.js';
import type { Program } from '../../support/processes.js';
import { omniIpc, run, serve, values } from '../support.js';

const windows = process.platform === 'win32';

type Line = Record<string, unknown>;

describe('omni-ipc tap', () => {
  it('prints each packet with its time, direction, size, and the duration of a request', async () => {
    const { address } = await serve(['--echo']);
    const { program, where } = await tap(address);
    expect((await run(['request', where, 'add', '[2,40]'])).stdout).toBe('[2,40]\n');
    await run(['emit', where, 'message', '"hello"']);
    const lines = await stopped(program, /"connection":2,"from":"server"/);
    const kinds = lines.map(({ connection, from, type, data, id, re }) => ({
      connection,
      from,
      type,
      data,
      id,
      re,
    }));
    expect(kinds.slice(0, 2)).toEqual([
      { connection: 1, from: 'client', type: 'add', data: [2, 40], id: 1, re: undefined },
      { connection: 1, from: 'server', type: 'add', data: [2, 40], id: undefined, re: 1 },
    ]);
    expect(kinds[2]).toEqual(
      jasmine.objectContaining({ connection: 2, from: 'client', type: 'message', data: 'hello' }),
    );
    expect(lines[2]?.size).toBe(JSON.stringify({ type: 'message', data: 'hello' }).length + 1);
    expect(lines[1]?.ms as number).toBeGreaterThan(0);
    expect(lines[0]?.ms).toBeUndefined();
    expect(Math.abs((lines[0]?.time as number) - Date.now())).toBeLessThan(60_000);
  });

  it('forwards every byte unchanged in both directions, also over half-closed connections', async () => {
    // Over TCP, since a Windows pipe cannot be closed in one direction.
    const server = createServer({ allowHalfOpen: true });
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    afterwards(() => server.close());
    const target = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { program, where } = await tap(target, [], 'tcp://127.0.0.1:0');
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(where).port), allowHalfOpen: true });
    afterwards(() => socket.destroy());
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
    socket.end(bytes);
    const peer = await accepted;
    expect((await everything(peer)).equals(bytes)).toBe(true);
    peer.end(bytes);
    expect((await everything(socket)).equals(bytes)).toBe(true);
    await program.waitForLine(/^1 disconnected$/);
  });

  for (const [codec, options] of [
    ['MessagePack', ['--codec', 'msgpack']],
    ['MessagePack with compression', ['--codec', 'msgpack', '--compress']],
    ['compressed JSON', ['--compress']],
    ['net-ipc', ['--dialect', 'net-ipc']],
    ['socket-ipc', ['--dialect', 'topic']],
  ] as const) {
    it(`reads ${codec}`, async () => {
      const { address } = await serve(['--dialect', 'json,net-ipc,topic', '--reply', 'request={"a":1}']);
      const { program, where } = await tap(address);
      const lines = Array.from(
        { length: 5 },
        (_, index) => `{"number":${index},"text":"again and again"}\n`,
      ).join('');
      const topic = codec === 'socket-ipc';
      const { code, stderr } = await run(
        [topic ? 'emit' : 'request', where, 'request', '-', ...options],
        lines,
      );
      expect([code, stderr]).toEqual([0, '']);
      const seen = await stopped(
        program,
        topic ? /"number":4/ : /(?:"re":.*|{"a":1}.*){5}|"number":4[\s\S]*/,
      );
      expect(seen.filter(({ note }) => note !== undefined)).toEqual([]);
      const asked = seen.filter(({ from, type }) => from === 'client' && type === 'request');
      expect(asked.map(({ data }) => data)).toEqual(values(lines));
      const answers = seen.filter(({ re }) => re !== undefined);
      if (!topic)
        expect(answers.slice(0, 4).map(({ data }) => data)).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }, { a: 1 }]);
      if (!topic) expect(answers.slice(0, 4).every(({ ms }) => (ms as number) > 0)).toBe(true);
    });
  }

  it('shows bytes that are not a packet, and continues', async () => {
    const { address } = await serve();
    const { program, where } = await tap(address);
    const socket = connect(where.replace('unix:', ''));
    afterwards(() => socket.destroy());
    socket.write('oops\f{"type":"a","data":1}\f7\f{"type":"half');
    await program.waitForLine(/"data":7/);
    socket.end();
    const lines = await stopped(program, /half|ended inside/);
    expect(lines.map(({ type, data, bytes }) => ({ type, data, bytes }))).toEqual([
      { type: undefined, data: undefined, bytes: btoa('oops') },
      { type: 'a', data: 1, bytes: undefined },
      { type: undefined, data: 7, bytes: undefined },
      { type: undefined, data: undefined, bytes: btoa('{"type":"half') },
    ]);
    expect(lines.filter(({ note }) => note === undefined).length).toBe(1);
  });

  it('works between TLS on both sides', async () => {
    const { ca, server } = freshCertificates();
    const pair = ['--cert', server.cert, '--key', server.key];
    const target = await serve([...pair, '--echo'], 'tls://localhost:0');
    const address = target.address.replace('127.0.0.1', 'localhost');
    const { program, where } = await tap(address, [...pair, '--target-ca', ca], 'tls://localhost:0');
    expect((await run(['request', where, 'a', '1', '--ca', ca])).stdout).toBe('1\n');
    expect((await stopped(program, /"re":1/))[0]).toEqual(jasmine.objectContaining({ type: 'a', data: 1 }));
    const distrusting = await tap(address, pair, 'tls://localhost:0');
    expect(
      (await run(['request', distrusting.where, 'a', '1', '--ca', ca, '--timeout', '5s'])).code,
    ).not.toBe(0);
    await distrusting.program.waitForLine(/1 disconnected: the server's connection failed: .*certificate/);
  });

  it('forwards datagrams, and returns answers to the peer that asked', async () => {
    const { address } = await serve(['--echo'], 'udp4://127.0.0.1:0');
    const { program, where } = await tap(address, [], 'udp4://127.0.0.1:0');
    const [one, two] = await Promise.all([
      run(['request', where, 'a', '1']),
      run(['request', where, 'a', '2']),
    ]);
    expect([one.stdout, two.stdout]).toEqual(['1\n', '2\n']);
    const lines = await stopped(program, /"connection":2,"from":"server"/);
    expect(new Set(lines.map(({ connection }) => connection)).size).toBe(2);
  });

  it('ends the connection of a client if the server does not listen', async () => {
    const { program, where } = await tap(`unix:${freshPath()}`);
    expect((await run(['ping', where, '--timeout', '5s'])).code).not.toBe(0);
    await program.waitForLine(/1 disconnected: the server's connection failed: .*ENOENT/);
  });
});

describe('omni-ipc replay', () => {
  it('sends a recording again, in order, and says whether the answers are the same', async () => {
    const { address } = await serve(['--echo']);
    const file = join(freshDirectory(), 'traffic.ndjson');
    const { program, where } = await tap(address, ['--record', file, '--quiet']);
    await run(['request', where, 'add', '-'], '1\n{"x":[2]}\n');
    await run(['emit', where, 'message', '-'], '"a"\n"b"\n');
    await run(['publish', where, 'news', '"c"']);
    await program.waitForLine(/^3 disconnected$/);
    await stopped(program);
    if (!windows) expect(statSync(file).mode & 0o777).toBe(0o600);
    const second = await serve(['--echo']);
    const again = await run(['replay', file, second.address, '--speed', '0', '--check']);
    expect(again.code)
      .withContext(again.stderr + again.stdout)
      .toBe(0);
    expect(values(again.stdout)).toEqual([
      jasmine.objectContaining({ connection: 1, type: 'add', data: 1, same: true }),
      jasmine.objectContaining({ connection: 1, type: 'add', data: { x: [2] }, same: true }),
    ]);
    await second.program.waitForLine(/"topic":"news","data":"c"/);
    const heard = (values(second.program.stdout) as Line[]).map(({ type, data }) => ({ type, data }));
    expect(heard).toEqual([
      { type: 'add', data: 1 },
      { type: 'add', data: { x: [2] } },
      { type: 'message', data: 'a' },
      { type: 'message', data: 'b' },
      { type: 'ipc:publish', data: { topic: 'news', data: 'c' } },
    ]);
    const other = await serve(['--reply', 'add=3']);
    expect((await run(['replay', file, other.address, '--speed', '0', '--check'])).code).toBe(1);
    expect((await run(['tap', `unix:${freshPath()}`, address, '--record', file])).stderr).toMatch(
      /EEXIST.*; remove the file, or choose another name\.$/m,
    );
  });

  it('sends recorded bytes as they were', async () => {
    const server = new IPC();
    server.config.silent = true;
    server.config.rawBuffer = true;
    const path = freshPath();
    server.serve(path);
    afterwards(() => server.server.stop());
    const chunks: Buffer[] = [];
    server.server.on('data', (data: Buffer) => chunks.push(data));
    await server.server.start();
    const file = join(freshDirectory(), 'raw.ndjson');
    const { program, where } = await tap(`unix:${path}`, ['--record', file, '--raw']);
    const socket = connect(where.replace('unix:', ''));
    const bytes = Buffer.from([0, 200, 10, 255]);
    socket.end(bytes);
    await program.waitForLine(/^1 disconnected$/);
    await stopped(program);
    expect(JSON.parse(readFileSync(file, 'utf8')).bytes).toBe(bytes.toString('base64'));
    const before = Buffer.concat(chunks);
    const again = new Promise((resolve) => server.server.on('disconnect', resolve));
    expect((await run(['replay', file, `unix:${path}`])).code).toBe(0);
    await again;
    expect(Buffer.concat([before, bytes]).equals(Buffer.concat(chunks))).toBe(true);
  });

  it('refuses a file that is not a recording', async () => {
    const { code, stderr } = await run(['replay', 'package.json', 'nobody']);
    expect(code).toBe(2);
    expect(stderr).toContain('Line 1 of package.json is not a line of a recording');
    expect((await run(['replay', '/no/such', 'nobody'])).code).toBe(2);
  });
});

/** All that comes until the other side ends. */
async function everything(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Starts a tap before a server; gives it and where it listens. */
async function tap(
  target: string,
  args: readonly string[] = [],
  listen = `unix:${freshPath()}`,
): Promise<{ program: Program; where: string }> {
  const program = omniIpc(['tap', listen, target, ...args]);
  afterwards(() => program.kill('SIGTERM'));
  const [, where = ''] = await program.waitForLine(/^listening on (.+), for /);
  return { program, where };
}

/** Waits for a line, ends a tap, and gives what it has printed. */
async function stopped(program: Program, last?: RegExp): Promise<Line[]> {
  if (last !== undefined) await program.waitForLine(last);
  program.process.kill('SIGINT');
  const { code } = await program.exited;
  if (!windows) expect(code).toBe(0); // Windows has no signals: the process is ended
  return values(program.stdout) as Line[];
}
