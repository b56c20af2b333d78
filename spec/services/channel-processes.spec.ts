import type { Channel, IPCError } from '../../services/channel/index.js';
import { channelAt, freshRendezvous, HEARTBEAT, PeerProcess, peerProcesses } from '../support/channels.js';
import { stopTime } from '../support/clock.js';
import { Couriers } from '../support/couriers.js';
import { once } from '../support/events.js';
import { type Program, start } from '../support/processes.js';

const windows = process.platform === 'win32';

describe('Channel, among processes,', () => {
  let directory: string;

  beforeEach(() => {
    directory = freshRendezvous();
  });

  it('loses, repeats and reorders no message while one hub after another is killed', async () => {
    const couriers = new Couriers(6, 40);
    await couriers.addAll();
    for (let round = 0; round < 3; round++) {
      const { number } = await couriers.killHub();
      expect(await couriers.add()).toBe(number);
    }
    const { received, lost, duplicated, reordered } = await couriers.finish();
    expect(received).toBeGreaterThan(500);
    expect({ lost, duplicated, reordered }).toEqual({ lost: 0, duplicated: 0, reordered: 0 });
    expect(couriers.complaints).toEqual([]);
  });

  it('has one hub, and a separate number for each process, when twelve start at once', async () => {
    const peers = Array.from({ length: 12 }, () => new PeerProcess(directory, { heartbeat: 1000 }));
    const numbers = await Promise.all(peers.map((peer) => peer.up()));
    expect(numbers.sort((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const hubs = await Promise.all(peers.map(async (peer) => (await peer.says(/^hub (\d+)/))[1]));
    expect(new Set(hubs).size).toBe(1);
  });

  it('gives a restarted peer its number back, and the messages that were sent to it meanwhile', async () => {
    const [, second, third] = (await peerProcesses(directory, 3)) as [PeerProcess, PeerProcess, PeerProcess];
    second.signal('SIGKILL');
    await third.says('leave 2 ');
    for (const text of ['one', 'two', 'three']) third.tell('send', 2, text);
    const again = new PeerProcess(directory);
    expect(await again.up()).toBe(2);
    for (const text of ['one', 'two', 'three']) {
      expect((await again.says(/^message 3 (.*)/))[1]).toBe(text);
    }
  });

  it('gives each of two named peers its own number back, whatever the order of their restarts', async () => {
    const names = ['billing', 'stock'];
    const peers: PeerProcess[] = [];
    for (const peer of names) {
      const process = new PeerProcess(directory, { peer });
      await process.up();
      peers.push(process);
    }
    for (const { program } of peers) await program.kill();
    for (const peer of names.reverse()) {
      const number = await new PeerProcess(directory, { peer }).up();
      expect(number).toBe(peer === 'billing' ? 1 : 2);
    }
  });

  it('replaces a stopped hub, which yields when it resumes, and loses nothing on either side', async () => {
    if (windows) pending('Windows stops no process');
    const [hub, second, third] = (await peerProcesses(directory, 3)) as [
      PeerProcess,
      PeerProcess,
      PeerProcess,
    ];
    hub.signal('SIGSTOP');
    await Promise.all([second.says(/^hub [23]/), third.says(/^hub [23]/)]);
    hub.tell('send', 3, 'from the stopped one');
    second.tell('send', 3, 'with the new hub');
    second.tell('send', 1, 'to the stopped one');
    await third.says('message 2 with the new hub');
    hub.signal('SIGCONT');
    await hub.says(/^hub [23]/);
    await hub.says('message 2 to the stopped one');
    await third.says('message 1 from the stopped one');
    hub.tell('ask', 3, '21');
    await hub.says('done 42');
    for (const peer of [second, third])
      expect(peer.program.stdout).not.toMatch(/^error|^hub 1$(.|\n)*^hub 1$/m);
  });

  it('does not replace a hub if the other peer was too busy to read its answers', async () => {
    const [hub, second] = (await peerProcesses(directory, 2)) as [PeerProcess, PeerProcess];
    second.tell('block', 8 * HEARTBEAT);
    await second.says('awake');
    second.tell('ask', 1, 4);
    await second.says('done 8');
    expect(hub.program.stdout.match(/^hub/gm)?.length).toBe(1);
    expect(second.program.stdout.match(/^hub/gm)?.length).toBe(1);
  });

  it('continues without loss if its hub was too busy to answer', async () => {
    const [hub, second] = (await peerProcesses(directory, 2)) as [PeerProcess, PeerProcess];
    hub.tell('block', 12 * HEARTBEAT);
    second.tell('deliver', 1, 'while you are busy');
    await second.says('hub 2');
    await hub.says('message 2 while you are busy');
    await second.says('done ');
    await hub.says('hub 2');
    expect(hub.program.stdout.match(/^message/gm)?.length).toBe(1);
  });

  it("joins a cluster's workers, and continues when the one that is the hub is killed", async () => {
    const cluster = start('spec/fixtures/channel/cluster.ts', [directory, '3']);
    const first = await heard(cluster, 'first', 3);
    expect(first.numbers).toEqual(['1', '2', '3']);
    expect([...first.senders]).toEqual(['1,2,3']);
    const [killed = ''] = first.hubs;
    const second = await heard(cluster, 'second', 2);
    expect(second.numbers).toEqual(['1', '2', '3'].filter((number) => number !== killed));
    expect([...second.senders]).toEqual([second.numbers.join()]);
    expect([first.hubs.size, second.hubs.size]).toEqual([1, 1]);
    expect(await cluster.exited).toEqual({ code: 0, signal: null });
  });

  it("joins a cluster's workers and its primary", async () => {
    const cluster = start('spec/fixtures/channel/cluster.ts', [directory, '2', 'primary']);
    const { numbers, senders } = await heard(cluster, 'first', 3);
    expect([numbers, [...senders]]).toEqual([['1', '2', '3'], ['1,2,3']]);
    expect(await cluster.exited).toEqual({ code: 0, signal: null });
    expect(cluster.stderr).toBe('');
  });

  it('joins programs with different entry files by its name', async () => {
    const process = new PeerProcess(directory);
    expect(await process.up()).toBe(1);
    const channel = await channelAt<Record<string, unknown>>(directory).ready();
    expect(channel.pid).toBe(2);
    expect(await channel.to(1).request('double', 21)).toBe(42);
  });

  it('does not delay messages while its hub is stopped, or killed', async () => {
    if (windows) pending('Windows stops no process');
    // Nobody misses a hub before three pings are unanswered, that is, while the spec runs.
    const [hub, second, third] = (await peerProcesses(directory, 3, { heartbeat: 60_000 })) as [
      PeerProcess,
      PeerProcess,
      PeerProcess,
    ];
    second.tell('ask', 3, 1);
    await second.says('done 2');
    hub.signal('SIGSTOP');
    for (let i = 0; i < 5; i++) {
      second.tell('ask', 3, i);
      await second.says(`done ${2 * i}`);
    }
    expect([second, third].map(({ program }) => program.stdout.match(/^hub/gm)?.length)).toEqual([1, 1]);
    hub.signal('SIGKILL');
    second.tell('ask', 3, 21);
    await second.says('done 42');
  });

  it('closes within its timeout and a second, although its hub and only receiver is stopped', async () => {
    if (windows) pending('Windows stops no process');
    const [stopped] = (await peerProcesses(directory, 1)) as [PeerProcess];
    const channel = await channelAt<Record<string, unknown>>(directory, { heartbeat: 10_000 }).ready();
    await channel.to(1).deliver('message', 'before');
    stopped.signal('SIGSTOP');
    const given = once(channel, 'undelivered');
    channel.to(1).send('never');
    const pass = stopTime();
    let closed = false;
    const closing = channel.close({ timeout: 100 }).then(() => {
      closed = true;
    });
    let milliseconds = 0;
    for (; !closed; milliseconds += 10) {
      await new Promise(setImmediate);
      pass(10);
    }
    await closing;
    // A connection that the other side does not end is kept for five seconds otherwise.
    expect(milliseconds).toBeLessThan(1300);
    await given;
  });

  it('refuses messages beyond the limit for a stopped member, names that member, and serves the others', async () => {
    if (windows) pending('Windows stops no process');
    const [stopped] = (await peerProcesses(directory, 1)) as [PeerProcess];
    const channel = await channelAt<Record<string, unknown>>(directory, {
      maxPendingBytes: 4 * 1024 * 1024,
    }).ready();
    const other = await channelAt<Record<string, unknown>>(directory).ready();
    channel.on('undelivered', () => {});
    stopped.signal('SIGSTOP');
    const failed = firstError(channel);
    let taken = 0;
    while (channel.to(1).send('x'.repeat(100))) taken++;
    expect(taken).toBeLessThan((4 * 1024 * 1024) / 200);
    const error = await failed;
    expect(error.code).toBe('ERR_IPC_BACKPRESSURE');
    expect(error.message).toMatch(/ messages of them for member 1;/);
    await other.to(2).deliver('message', 'from another');
    stopped.signal('SIGCONT');
    await channel
      .to(1)
      .deliver('message', 'the last')
      .catch(() => {});
    await stopped.says(/^message 2 xxx/);
  });
});

/** The first error of a channel. */
async function firstError(channel: Channel): Promise<IPCError> {
  const [error] = await once<[IPCError]>(channel, 'error');
  return error;
}

/** What so many peers in a cluster say: their numbers, whom they have heard, and their hubs. */
async function heard(cluster: Program, event: string, count: number) {
  const numbers: string[] = [];
  const senders = new Set<string>();
  const hubs = new Set<string>();
  for (let i = 0; i < count; i++) {
    const line = await cluster.waitForLine(new RegExp(`^${event} (\\d+) of (\\S+) hub (\\S+)`));
    const [, number = '', from = '', hub = ''] = line;
    numbers.push(number);
    senders.add(from);
    hubs.add(hub);
  }
  return { numbers: numbers.sort(), senders, hubs };
}
