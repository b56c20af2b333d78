import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { observed } from '../../lib/observe.js';
import { afterwards } from '../support/afterwards.js';
import { once } from '../support/events.js';
import { freshIPC, pair } from '../support/instances.js';

type Seen = Record<string, unknown> & { channel: string };

const names = ['connection', 'packet.in', 'packet.out', 'error', 'request', 'instance'];

/** Everything that is published on our channels until the end of the spec. */
function watch(): Seen[] {
  const seen: Seen[] = [];
  for (const name of names) {
    const note = (message: unknown) => seen.push({ channel: name, ...(message as object) });
    subscribe(`omni-ipc:${name}`, note);
    afterwards(() => unsubscribe(`omni-ipc:${name}`, note));
  }
  return seen;
}

describe('Observation by diagnostics channels', () => {
  it('has no subscribers by default', () => {
    expect(Object.values(observed).map(({ name }) => name)).toEqual(names.map((name) => `omni-ipc:${name}`));
    expect(Object.values(observed).some(({ hasSubscribers }) => hasSubscribers)).toBeFalse();
  });

  it('covers connections, packets and requests of both sides', async () => {
    const seen = watch();
    const { server, client } = await pair();
    server.handle('add', ([one, other]: number[]) => (one ?? 0) + (other ?? 0));
    expect(await client.request('add', [1, 2])).toBe(3);
    const gone = once(server, 'disconnect');
    await client.close();
    await gone;

    const of = (channel: string, side: string) =>
      seen.filter((one) => one.channel === channel && one.side === side);
    // A connection of a former spec may close meanwhile.
    const opened = new Set(seen.filter(({ state }) => state === 'open').map(({ socket }) => socket));
    const connections = (side: string) => of('connection', side).filter(({ socket }) => opened.has(socket));
    for (const side of ['client', 'server']) {
      expect(connections(side).map(({ state }) => state)).toEqual(['open', 'close']);
      expect(connections(side)[0]).toEqual(jasmine.objectContaining({ dialect: 'json' }));
    }
    expect(connections('client')[0]?.socket).toBe(client.socket);
    const request = { type: 'add', data: [1, 2], id: 1 };
    const answer = { type: 'add', data: 3, re: 1 };
    expect(of('packet.out', 'client').map(({ packet }) => packet)).toEqual([request]);
    expect(of('packet.in', 'server').map(({ packet }) => packet)).toEqual([request]);
    expect(of('packet.out', 'server').map(({ packet }) => packet)).toEqual([answer]);
    expect(of('packet.in', 'client').map(({ packet }) => packet)).toEqual([answer]);
    expect(of('request', 'client').map(({ state, type, id }) => [state, type, id])).toEqual([
      ['open', 'add', 1],
      ['done', 'add', 1],
    ]);
    expect(of('request', 'client')[1]?.milliseconds).toBeGreaterThan(0);
  });

  it('covers each client and server that is created, with its kind', async () => {
    const seen = watch();
    const { server, client } = await pair();
    const made = seen.filter(({ channel }) => channel === 'instance');
    expect(made.map(({ kind }) => kind)).toEqual(['server', 'client']);
    const inspect = (one?: Seen) => (one?.instance as { inspect(): unknown } | undefined)?.inspect();
    expect([inspect(made[0]), inspect(made[1])]).toEqual([server.inspect(), client.inspect()]);
  });

  it('covers each packet of a broadcast, which is still encoded once', async () => {
    const { server } = await pair();
    const other = freshIPC().connectTo('other', server.path);
    await once(server, 'connect');
    const seen = watch();
    let encodings = 0;
    server.broadcast('news', {
      toJSON() {
        encodings++;
        return 'today';
      },
    });
    await once(other, 'news');
    const out = seen.filter(({ channel, side }) => channel === 'packet.out' && side === 'server');
    expect([out.length, encodings]).toEqual([2, 1]);
  });

  it('covers errors of both sides, and failed requests', async () => {
    const seen = watch();
    const { server, client } = await pair();
    await expectAsync(client.request('nothing')).toBeRejected();
    (client.socket as NodeJS.WritableStream).write('oops\f');
    const [error] = await once(server, 'error');
    const errors = seen.filter(({ channel }) => channel === 'error');
    expect(errors).toEqual([jasmine.objectContaining({ side: 'server', error })]);
    const failed = seen.filter(({ channel, state }) => channel === 'request' && state === 'failed');
    expect(failed).toEqual([
      jasmine.objectContaining({
        side: 'client',
        error: jasmine.objectContaining({ code: 'ERR_IPC_NO_HANDLER' }),
      }),
    ]);
  });
});
