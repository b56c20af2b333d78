import { createServer } from 'node:net';
import { ClientStatus } from '../../../entities/events.js';
import { Deadline } from '../../../lib/deadline.js';
import { hangUp } from '../../../services/channel/hang-up.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { afterwards } from '../../support/afterwards.js';
import { stopTime } from '../../support/clock.js';
import { clientAt, serverAt } from '../../support/engines.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';

const config = engineConfig(settings({}));

describe('hangUp', () => {
  it('sends what is queued', async () => {
    const path = freshPath();
    const server = serverAt<{ last: string }>(config, path);
    afterwards(() => server.stop());
    await server.start();
    const last = once(server, 'last');
    const client = clientAt<{ last: string }>(config, path);
    await client.connect().ready();
    client.emit('last', 'word');
    await hangUp(client, new Deadline(1e6));
    expect((await last)[0]).toBe('word');
  });

  it('does not wait for a server that keeps the connection open', async () => {
    const path = freshPath();
    const silent = createServer({ allowHalfOpen: true }, (socket) => {
      socket.resume();
      afterwards(() => socket.destroy());
    });
    afterwards(() => silent.close());
    await new Promise<void>((resolve) => silent.listen(path, resolve));
    const client = clientAt(config, path);
    await client.connect().ready();
    const gone = once(client, 'destroy');
    const pass = stopTime();
    const ended = hangUp(client, new Deadline(100));
    await new Promise(setImmediate);
    expect(client.status).not.toBe(ClientStatus.IDLE);
    pass(100);
    await Promise.all([gone, ended]);
  });
});
