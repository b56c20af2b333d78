import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freshRendezvous } from '../../support/channels.js';
import { freshDirectory } from '../../support/places.js';
import { Program, start, withoutCoverage } from '../../support/processes.js';
import { built } from '../../support/project.js';

interface Told {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parent?: string;
  attributes: Record<string, unknown>;
  status: { code: number; message?: string };
}

interface Measured {
  name: string;
  attributes: Record<string, unknown>;
  value: unknown;
}

const KINDS = ['internal', 'server', 'client', 'producer', 'consumer'];
const urlOf = (file: string) => pathToFileURL(join(built, file)).href;

describe('The preload omni-ipc/opentelemetry', () => {
  beforeEach(() => {
    if (process.platform === 'win32') pending('Windows has no SIGUSR2');
  });

  /** Starts a program that knows nothing of tracing. */
  function traced(args: readonly string[], program = 'spec/fixtures/chain.js'): Program {
    const imports = ['spec/fixtures/telemetry.js', 'services/opentelemetry/index.js'].flatMap((file) => [
      '--import',
      urlOf(file),
    ]);
    return start(process.execPath, [...imports, join(built, program), ...args], {
      NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE ?? '',
      OMNI_IPC_TRACE: 'requests,events,topics',
    });
  }

  /** What a program has traced and measured. */
  async function told(program: Program): Promise<{ spans: Told[]; metrics: Measured[] }> {
    program.process.kill('SIGUSR2');
    await program.waitForLine(/^told$/);
    const of = (kind: string) =>
      program.stdout
        .split('\n')
        .filter((line) => line.startsWith(`${kind} `))
        .map((line) => JSON.parse(line.slice(kind.length)));
    return { spans: of('span'), metrics: of('metric') };
  }

  /** The spans without a parent, with those below them: what they are, and in which process. */
  function trees(all: readonly { spans: Told[] }[]): unknown[] {
    const spans = all.flatMap(({ spans: own }, process) => own.map((span) => ({ ...span, process })));
    const tree = (span: Told & { process: number }): unknown => {
      const below = spans.filter(({ parent, traceId }) => parent === span.spanId && traceId === span.traceId);
      const what = `${span.process} ${KINDS[span.kind]} ${span.name}`;
      return below.length === 0 ? what : [what, ...below.map(tree)];
    };
    return spans.filter(({ parent }) => parent === undefined).map(tree);
  }

  async function chain(): Promise<{ first: Program; middle: Program; last: Program }> {
    const [one, other] = [join(freshDirectory(), 's'), join(freshDirectory(), 's')];
    const last = traced([other]);
    await last.waitForLine(/^up$/);
    const middle = traced([one, other]);
    await middle.waitForLine(/^up$/);
    const first = traced(['', one]);
    await first.waitForLine(/^up$/);
    first.process.stdin.write('go\n');
    await first.waitForLine(/^over$/);
    return { first, middle, last };
  }

  it('makes one trace of three processes for a request, a stream, and an event that causes a publication', async () => {
    const { first, middle, last } = await chain();
    expect(first.stdout).toMatch(/^done!$[\s\S]*^1,2,counted!$/m);
    const all = await Promise.all([first, middle, last].map(told));
    expect(trees(all)).toEqual([
      ['0 client work', ['1 server work', ['1 client work', '2 server work']]],
      ['0 client fail', '1 server fail'],
      ['0 client count', ['1 server count', ['1 client work', '2 server work']]],
      [
        '0 producer emit order',
        ['1 consumer process order', ['1 producer publish orders.new', '0 consumer process orders.new']],
      ],
    ]);
    const named = (process: number, name: string) => all[process]?.spans.find((span) => span.name === name);
    expect(named(0, 'work')?.attributes).toEqual({
      'rpc.system.name': 'omni_ipc',
      'rpc.method': 'work',
      'network.transport': 'unix',
      'server.address': 'next',
    });
    for (const process of [0, 1])
      expect(named(process, 'fail')).toEqual(
        jasmine.objectContaining({
          attributes: jasmine.objectContaining({ 'error.type': 'ERR_NO' }),
          status: { code: 2, message: 'no' },
        }),
      );
    expect(named(1, 'process order')?.attributes).toEqual(
      jasmine.objectContaining({
        'messaging.system': 'omni_ipc',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'order',
      }),
    );
    const metric = (process: number, name: string, attributes: object) =>
      all[process]?.metrics.find(
        (one) =>
          one.name === name &&
          Object.entries(attributes).every(([key, value]) => one.attributes[key] === value),
      )?.value;
    const count = (value: unknown) => (value as { count: number } | undefined)?.count;
    expect(count(metric(0, 'rpc.client.call.duration', { 'rpc.method': 'work' }))).toBe(1);
    expect(count(metric(1, 'rpc.client.call.duration', { 'rpc.method': 'work' }))).toBe(2);
    expect(
      count(metric(1, 'rpc.server.call.duration', { 'rpc.method': 'fail', 'error.type': 'ERR_NO' })),
    ).toBe(1);
    expect(metric(0, 'messaging.client.sent.messages', { 'messaging.destination.name': 'order' })).toBe(1);
    expect(metric(0, 'messaging.client.consumed.messages', {})).toBe(1);
    expect(metric(1, 'omni_ipc.connections', { 'omni_ipc.side': 'client' })).toBe(1);
    expect(metric(1, 'omni_ipc.connections', { 'omni_ipc.side': 'server' })).toBe(1);
    expect(metric(0, 'omni_ipc.packets', { 'network.io.direction': 'transmit' })).toBeGreaterThan(4);
    expect(metric(0, 'omni_ipc.io', { 'network.io.direction': 'receive' })).toBeGreaterThan(100);
    expect(metric(0, 'omni_ipc.client.reconnects', {})).toBe(0);
    expect(count(metric(0, 'omni_ipc.packet.size', { 'omni_ipc.side': 'client' }))).toBeGreaterThan(4);
    expect([
      metric(0, 'omni_ipc.queued', {}),
      metric(0, 'omni_ipc.open_calls', { 'omni_ipc.side': 'asked' }),
    ]).toEqual([0, 0]);
  });

  it('makes one trace of three members of a channel', async () => {
    const directory = freshRendezvous();
    const members: Program[] = [];
    for (let i = 0; i < 3; i++) {
      const member = traced([directory], 'spec/fixtures/members.js');
      members.push(member);
      await member.waitForLine(/^up$/);
    }
    const [first] = members as [Program];
    first.process.stdin.write('go\n');
    await first.waitForLine(/^over$/);
    expect(first.stdout).toMatch(/^done!$[\s\S]*^1,2,counted!$/m);
    const all = await Promise.all(members.map(told));
    expect(trees(all)).toEqual([
      ['0 client work', ['1 server work', ['1 client work', '2 server work']]],
      ['0 client count', ['1 server count', ['1 client work', '2 server work']]],
      [
        '0 producer emit order',
        ['1 consumer process order', ['1 producer publish orders.new', '0 consumer process orders.new']],
      ],
    ]);
    expect(all[0]?.spans.find(({ name }) => name === 'work')?.attributes).toEqual({
      'rpc.system.name': 'omni_ipc',
      'rpc.method': 'work',
    });
  });

  it('says which package is missing', async () => {
    const copy = freshDirectory();
    for (const name of ['services', 'lib', 'entities'])
      cpSync(join(built, name), join(copy, name), { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
    const program = new Program(process.execPath, ['services/opentelemetry/index.js'], {
      cwd: copy,
      env: withoutCoverage(),
    });
    expect((await program.exited).code).toBe(1);
    expect(program.stderr).toContain(
      'omni-ipc/opentelemetry needs the package @opentelemetry/api; install it with: npm install @opentelemetry/api',
    );
  });
});
