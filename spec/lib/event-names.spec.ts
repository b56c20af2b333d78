import { EventNames } from '../../lib/event-names.js';
import { ipcError } from '../support/errors.js';
import { once } from '../support/events.js';
import { freshIPC, local, pair, type Settings } from '../support/instances.js';
import { barePeer } from '../support/peers.js';

const OPEN = {
  allowedEvents: undefined,
  allowReservedEvents: false,
  maxEventNameLength: 4096,
  rawBuffer: false,
};
const REFUSED = 'ERR_IPC_EVENT_NOT_ALLOWED';

describe('Event names', () => {
  const names = (settings: Partial<ConstructorParameters<typeof EventNames>[0]>) =>
    new EventNames({ ...OPEN, ...settings }, new Set(['connect']));

  it('are all allowed by default, except reserved names from a peer', () => {
    expect(names({}).toSend(5)).toBe('5');
    expect(names({}).refusal('connect')).toBeUndefined();
    expect(names({}).eventRefusal('connect')).toEqual(ipcError('ERR_IPC_RESERVED'));
    expect(names({ allowReservedEvents: true }).eventRefusal('connect')).toBeUndefined();
  });

  it('are allowed by a list, by a Set, or by a function that returns true', () => {
    for (const allowedEvents of [['a', 'b'], new Set(['a', 'b']), (name: string) => 'ab'.includes(name)]) {
      const allowed = names({ allowedEvents });
      expect(allowed.toSend('a')).toBe('a');
      expect(() => allowed.toSend('c')).toThrow(ipcError(REFUSED, '"c"'));
      expect(allowed.eventRefusal('b')).toBeUndefined();
      expect(allowed.eventRefusal('__proto__')).toEqual(ipcError(REFUSED));
    }
  });

  it('are refused if the function throws or returns anything but true', () => {
    const cause = new Error('oops');
    const throwing = names({
      allowedEvents: () => {
        throw cause;
      },
    });
    expect(throwing.refusal('a')).toEqual(ipcError(REFUSED, 'oops'));
    expect(throwing.refusal('a')?.cause).toBe(cause);
    for (const answer of [1, 'yes', Promise.resolve(true), undefined]) {
      expect(names({ allowedEvents: () => answer as never }).refusal('a')).toEqual(ipcError(REFUSED));
    }
  });

  it('are passed to the function each time, and stay refused however often they come', () => {
    let open = true;
    const asking = names({ allowedEvents: () => open });
    expect(asking.eventRefusal('door')).toBeUndefined();
    expect(asking.toSend('door')).toBe('door');
    open = false;
    expect(asking.eventRefusal('door')).toEqual(ipcError(REFUSED));
    expect(() => asking.toSend('door')).toThrow(ipcError(REFUSED));
    const few = names({ allowedEvents: ['door'] });
    for (const name of ['door', 'window', 'door', 'window']) {
      expect(few.eventRefusal(name) === undefined).toBe(name === 'door');
    }
  });

  it('may be as long as the limit, and are shown truncated and escaped if they are longer', () => {
    const short = names({ maxEventNameLength: 100 });
    expect(short.refusal('x'.repeat(100))).toBeUndefined();
    const { message } = short.refusal(`\u001b[31m${'x'.repeat(100)}`) as Error;
    expect(message).toContain('has 105 characters, and config.maxEventNameLength allows 100');
    expect(message).not.toContain('\u001b');
    expect(message).not.toContain('x'.repeat(81));
  });

  it('are not checked for raw bytes', () => {
    expect(names({ allowedEvents: [], rawBuffer: true }).eventRefusal('data')).toBeUndefined();
  });
});

describe('config.allowedEvents and config.maxEventNameLength', () => {
  const settings: Settings = { allowedEvents: ['fine', 'stream'], maxEventNameLength: 10 };

  it('refuse events from a client, whose other packets are delivered', async () => {
    const server = await local.serve(settings);
    const peer = await barePeer(server);
    const codes: string[] = [];
    server.on('error', ({ code }) => codes.push(String(code)));
    const heard: string[] = [];
    server.on('*', (type, data) => typeof data === 'number' && heard.push(type));
    const last = once(server, 'fine');
    peer.emit('other', 1).emit('x'.repeat(11), 2).emit('fine', 3);
    await last;
    expect(heard).toEqual(['fine']);
    expect(codes).toEqual([REFUSED, 'ERR_IPC_EVENT_TOO_LARGE']);
  });

  it('refuse events from a server', async () => {
    const { server, client } = await pair({ client: settings });
    const reported = once(client, 'error');
    server.broadcast('other', 1);
    expect((await reported)[0]).toEqual(ipcError(REFUSED));
    const heard = once(client, 'fine');
    server.broadcast('fine', 2);
    expect(await heard).toEqual([2]);
  });

  it('refuse requests and streams with their codes, handled or not', async () => {
    const { server, client } = await pair({ server: settings });
    const handler = jasmine.createSpy();
    server.handle('other', handler).handle('stream', async function* () {
      yield 1;
    });
    await expectAsync(client.request('other')).toBeRejectedWith(ipcError(REFUSED));
    await expectAsync(client.request('x'.repeat(11))).toBeRejectedWith(ipcError('ERR_IPC_EVENT_TOO_LARGE'));
    await expectAsync(client.stream('other').next()).toBeRejectedWith(ipcError(REFUSED));
    expect(handler).not.toHaveBeenCalled();
    expect((await client.stream('stream').next()).value).toBe(1);
    expect(await client.ping()).toBeGreaterThan(0);
  });

  it('refuse what would be sent, at once', async () => {
    const { server, client } = await pair({ server: settings, client: settings });
    const socket = server.sockets[0] as never;
    for (const send of [
      () => client.emit('other'),
      () => client.request('other'),
      () => client.stream('other'),
      () => server.emit(socket, 'other'),
      () => server.broadcast('other'),
      () => server.request(socket, 'other'),
      () => server.survey('other'),
    ]) {
      expect(send).toThrow(ipcError(REFUSED));
    }
    expect(client.emit('fine')).toBeTrue();
  });

  it('do not apply to topics', async () => {
    const { client } = await pair({ server: settings, client: settings });
    const heard = new Promise((resolve) => {
      client
        .subscribe('a long name of a topic', resolve)
        .then(() => client.publish('a long name of a topic', 1));
    });
    expect(await heard).toBe(1);
  });

  it('accept and refuse the same values as in node-ipc 14', () => {
    const ipc = freshIPC({ allowedEvents: false as never, maxEventNameLength: Number.POSITIVE_INFINITY });
    expect(() => ipc.connectTo('world', '/nowhere').destroy()).not.toThrow();
    expect(() => freshIPC({ allowedEvents: 'a' as never }).connectTo('world', '/nowhere')).toThrow(
      ipcError('ERR_IPC_CONFIG', 'a list or a Set of names'),
    );
  });
});
