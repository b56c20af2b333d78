import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Batch, State, Told } from '../../../cli/web/wire.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRuntime, inspected, socketsOf } from '../../support/inspected.js';
import { freePort } from '../../support/network.js';
import { freshDirectory } from '../../support/places.js';
import type { Program } from '../../support/processes.js';
import { omniIpc } from '../support.js';

/** What a server has answered. */
interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

describe('omni-ipc web', () => {
  /** For the specs that leave it as it is. */
  let web: Web;

  beforeAll(async () => {
    if (process.platform !== 'win32') web = await view();
  });

  beforeEach(() => {
    if (process.platform === 'win32') pending('Windows has no inspector');
  });

  /** The web view, beside a program to be seen. */
  async function view(options: readonly string[] = []): Promise<Web> {
    const { sockets, env } = freshRuntime();
    const path = join(freshDirectory(), 's');
    const program = inspected('spec/fixtures/inspected.ts', [path, 'both', '3'], env);
    await program.waitForLine(/^up$/);
    await socketsOf(sockets);
    const command = omniIpc(['web', ...options], undefined, env);
    afterwards(() => command.kill('SIGINT'));
    const [, url = ''] = await command.waitForLine(/^\{"url":"(.*)"\}$/);
    return new Web(url, command, program, path);
  }

  it('prints a link on the loopback with an unguessable token, and ends cleanly at Ctrl-C', async () => {
    const own = await view(['--port', String(await freePort())]);
    expect(own.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}$/);
    expect(own.token).not.toBe(web.token);
    expect(await own.command.kill('SIGINT')).toEqual({ code: 0, signal: null });
    expect([own.command.stderr, await own.get('/').catch(({ code }) => code)]).toEqual(['', 'ECONNREFUSED']);
  });

  it('listens on no other interface than the loopback', async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.internal === false && one.family === 'IPv4')?.address;
    if (outside === undefined) return pending('This machine has no other interface');
    const socket = connect(web.port, outside);
    const [end] = await new Promise<[string]>((resolve) => {
      socket.on('connect', () => resolve(['connected']));
      socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve([String(code)]));
    });
    socket.destroy();
    expect(end).not.toBe('connected');
  });

  it('serves only its static files without the token', async () => {
    const wrong = [
      'Bearer ',
      'Bearer x',
      `Bearer ${web.token}x`,
      `Basic ${web.token}`,
      `Bearer ${'x'.repeat(5000)}`,
    ];
    const answers = [
      await web.get('/api/events'),
      await web.get(`/api/events?token=${web.token}`),
      ...(await Promise.all(
        wrong.map((Authorization) => web.get('/api/events', { headers: { Authorization } })),
      )),
      await web.get('/api/request', { method: 'POST', headers: web.origin, body: '{}' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
    for (const { body } of answers) expect(body).toMatch(/^The token is missing or wrong/);
    const page = await web.get('/');
    expect([page.status, page.body.includes(web.token)]).toEqual([200, false]);
  });

  it('refuses requests for another host, as in DNS rebinding, and from another page', async () => {
    const { Authorization } = web.authorized;
    const get = async (headers: Record<string, string>, path = '/api/events') =>
      (await web.get(path, { headers: { Authorization, ...headers } })).status;
    expect(await get({ Host: `attacker.example:${web.port}` })).toBe(421);
    expect(await get({ Host: `attacker.example:${web.port}` }, '/')).toBe(421);
    expect(await get({ Host: '127.0.0.1' })).toBe(421);
    expect(await get({ Host: `127.0.0.1:${web.port}.attacker.example` })).toBe(421);
    for (const Origin of [
      'http://attacker.example',
      'null',
      `http://127.0.0.1:${web.port + 1}`,
      `https://127.0.0.1:${web.port}`,
    ])
      expect(await get({ Origin }))
        .withContext(Origin)
        .toBe(403);
    expect(await get({ 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
    expect(await get({ 'Sec-Fetch-Site': 'same-site' }, '/app.js')).toBe(403);
  });

  it('takes messages only as JSON from its own page, and of a limited size', async () => {
    const post = async (headers: Record<string, string>, body = '{}') =>
      web.get('/api/emit', { method: 'POST', headers: { ...web.authorized, ...headers }, body });
    const json = { 'Content-Type': 'application/json' };
    expect((await post(json)).status).toBe(403);
    expect((await post({ ...web.origin, 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await post({ ...web.origin, 'Content-Type': 'application/x-www-form-urlencoded' })).status).toBe(
      415,
    );
    expect((await post({ ...web.origin, ...json }, 'oops')).status).toBe(400);
    const large = await post({ ...web.origin, ...json }, `"${'x'.repeat(2 * 1024 * 1024)}"`).catch(
      () => undefined,
    );
    expect([undefined, 413]).toContain(large?.status);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD'])
      expect((await web.get('/', { method })).status)
        .withContext(method)
        .toBe(405);
    expect((await web.get('/', { method: 'POST', headers: web.origin })).status).toBe(405);
  });

  it('serves only its own files, each with headers that forbid foreign code', async () => {
    for (const path of ['/', '/app.js', '/app.css', '/icon.svg', '/LICENSE-uPlot.txt']) {
      const { status, headers } = await web.get(path);
      expect(status).withContext(path).toBe(200);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
      expect([
        headers['x-content-type-options'],
        headers['referrer-policy'],
        headers['cache-control'],
      ]).toEqual(['nosniff', 'no-referrer', 'no-store']);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    for (const path of [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '//etc/passwd',
      '/app.js/',
      '/__proto__',
    ])
      expect((await web.get(path)).status)
        .withContext(path)
        .toBe(404);
    expect((await web.get('/')).body).not.toMatch(
      /<script(?! type="module" src="\/app\.js">)|style=|\son\w+=/,
    );
  });

  it('sends the page the topology and the packets, without payloads', async () => {
    const { state, batch, text } = await web.watch();
    const { pid } = web.program.process;
    expect(state.processes).toEqual([
      jasmine.objectContaining({ key: String(pid), program: 'fixtures/inspected.js', connections: 2 }),
    ]);
    const address = `unix:${web.path}`;
    expect(state.processes[0]?.instances.map(({ kind, name }) => [kind, name])).toEqual([
      ['server', address],
      ['client', address],
    ]);
    expect(state.edges).toEqual([
      jasmine.objectContaining({ from: String(pid), to: String(pid), address, clients: 1 }),
    ]);
    expect(new Set(batch.packets.map(({ type }) => type))).toEqual(new Set(['add', 'slow', 'tick']));
    expect(text).not.toContain('hush');
  });

  it('shows payloads only with the flag', async () => {
    const web = await view(['--payloads', '--port', '0']);
    const { batch } = await web.watch();
    expect(batch.packets.some(({ data }) => data?.includes('hush'))).toBeTrue();
  });

  it('emits and requests for the page, only to servers of inspected programs', async () => {
    const listening = web.listen();
    await listening.seen((told) => told.kind === 'state' && told.processes.length > 0);
    const send = async (how: string, sending: unknown) => {
      const headers = { ...web.authorized, ...web.origin, 'Content-Type': 'application/json' };
      return JSON.parse(
        (await web.get(`/api/${how}`, { method: 'POST', headers, body: JSON.stringify(sending) })).body,
      );
    };
    const address = `unix:${web.path}`;
    expect(await send('request', { address, type: 'add', data: [1, 2] })).toEqual({
      ok: true,
      data: 3,
      milliseconds: jasmine.any(Number),
    });
    expect(await send('emit', { address, type: 'hello' })).toEqual(jasmine.objectContaining({ ok: true }));
    expect(await send('request', { address, type: 'slow' })).toEqual({
      ok: false,
      code: 'ERR_SLOW',
      message: 'never',
    });
    for (const elsewhere of [
      'tcp://example.com:80',
      'unix:/var/run/docker.sock',
      `tcp://127.0.0.1:${web.port}`,
      { toString: 1 },
    ]) {
      const outcome = await send('request', { address: elsewhere, type: 'add' });
      expect([outcome.ok, outcome.code]).toEqual([false, 'ERR_IPC_ADDRESS']);
    }
    expect((await send('request', { address, type: '' })).code).toBe('ERR_IPC_ARGUMENT');
    expect((await send('request', null)).code).toBe('ERR_IPC_ADDRESS');
    listening.end();
  });

  it('says in one line if it cannot listen', async () => {
    const second = omniIpc(['web', '--port', String(web.port)]);
    expect((await second.exited).code).toBe(2);
    expect(second.stderr).toMatch(/^omni-ipc: The web view cannot listen on port \d+: .*EADDRINUSE.*\n$/);
  });
});

/** A running web view, and what a browser or an attacker does with it. */
class Web {
  readonly port: number;
  readonly token: string;
  readonly origin: Record<string, string>;
  readonly authorized: { Authorization: string };
  readonly url: string;
  readonly command: Program;
  readonly program: Program;
  readonly path: string;

  constructor(url: string, command: Program, program: Program, path: string) {
    this.url = url;
    this.command = command;
    this.program = program;
    this.path = path;
    const { port, hash } = new URL(url);
    this.port = Number(port);
    this.token = hash.slice(1);
    this.origin = { Origin: `http://127.0.0.1:${port}` };
    this.authorized = { Authorization: `Bearer ${this.token}` };
  }

  /** Asks, with the path exactly as it is given. */
  get(path: string, { method = 'GET', headers = {}, body }: Asking = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port: this.port, path, method, headers, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
          );
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }

  /** Hears what the page hears. */
  listen(): { seen(wanted: (told: Told) => boolean): Promise<Told>; text(): string; end(): void } {
    let text = '';
    let look = () => {};
    const asked = request(
      { host: '127.0.0.1', port: this.port, path: '/api/events', headers: this.authorized, agent: false },
      (response) => {
        response.on('error', () => {});
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          look();
        });
      },
    );
    asked.on('error', () => {});
    asked.end();
    afterwards(() => asked.destroy());
    return {
      text: () => text,
      end: () => asked.destroy(),
      seen: (wanted) =>
        new Promise((resolve) => {
          look = () => {
            const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
            const found = lines
              .filter((line) => line !== '')
              .map((line) => JSON.parse(line) as Told)
              .find(wanted);
            if (found !== undefined) resolve(found);
          };
          look();
        }),
    };
  }

  /** A state with figures, and a batch with every kind of packet. */
  async watch(): Promise<{ state: State; batch: Batch; text: string }> {
    const listening = this.listen();
    const state = (await listening.seen(
      (told) => told.kind === 'state' && (told.edges[0]?.messages ?? 0) > 0,
    )) as State;
    const batch = (await listening.seen(
      (told) =>
        told.kind === 'batch' &&
        ['add', 'slow', 'tick'].every((wanted) => told.packets.some(({ type }) => type === wanted)),
    )) as Batch;
    listening.end();
    return { state, batch, text: listening.text() };
  }
}
