import { NatsClient } from '../../../services/channel/nats-client.js';
import { afterwards } from '../../support/afterwards.js';
import { ipcError } from '../../support/errors.js';
import { NatsServer, withoutNats } from '../../support/nats.js';

describe('NatsClient', () => {
  it('says what to do if there is no answer', async () => {
    const servers = 'nats://127.0.0.1:1';
    await expectAsync(NatsClient.connect({ servers, maxReconnectAttempts: 0 })).toBeRejectedWith(
      ipcError('ERR_IPC_CONNECT', 'nats://127.0.0.1:1'),
    );
  });

  it('does not show the credentials of an address', async () => {
    const servers = ['nats://user:pa@ss@127.0.0.1:1', 'nats://token@127.0.0.1:1'];
    await expectAsync(NatsClient.connect({ servers, maxReconnectAttempts: 0 })).toBeRejectedWith(
      ipcError('ERR_IPC_CONNECT', 'nats://***@127.0.0.1:1, nats://***@127.0.0.1:1:'),
    );
  });

  it('says what to do if the packages are missing', async () => {
    const [, program] = process.argv;
    const directory = process.cwd();
    try {
      process.argv[1] = '/nowhere/program.js';
      process.chdir('/');
      await expectAsync(NatsClient.connect({})).toBeRejectedWith(
        ipcError(
          'ERR_IPC_MISSING_PACKAGE',
          'npm install @nats-io/transport-node @nats-io/jetstream @nats-io/kv',
        ),
      );
    } finally {
      process.argv[1] = program as string;
      process.chdir(directory);
    }
  });

  it('creates a bucket if there is none, and says what is missing if that is impossible', async () => {
    if (withoutNats !== undefined) pending(withoutNats);
    const server = await NatsServer.start();
    const client = await NatsClient.connect({ servers: server.url });
    afterwards(() => client.connection.close());
    expect((await (await client.bucket('one', 5000)).status()).ttl).toBe(5000);
    expect((await (await client.bucket('one', 9000)).status()).ttl).toBe(5000);
    await expectAsync(client.bucket('not a name', 0)).toBeRejectedWith(ipcError('ERR_IPC_CONNECT', '-js'));
  });

  it('reads the values of a bucket without delay, even while keys are written', async () => {
    if (withoutNats !== undefined) pending(withoutNats);
    const server = await NatsServer.start();
    const client = await NatsClient.connect({ servers: server.url });
    afterwards(() => client.connection.close());
    const bucket = await client.bucket('one', 0);
    expect(await client.values('one', '>')).toEqual(new Map());
    for (const key of ['number.1', 'number.2', 'name.a']) await bucket.put(key, `of ${key}`);
    for (let round = 0; round < 50; round++) {
      const [values] = await Promise.all([
        client.values('one', 'number.*'),
        bucket.put('number.2', 'of number.2'),
        bucket.put('number.3', 'new').then(() => bucket.delete('number.3')),
      ]);
      expect([...values].filter(([key]) => key !== 'number.3').sort()).toEqual([
        ['number.1', 'of number.1'],
        ['number.2', 'of number.2'],
      ]);
    }
    expect([...(await client.values('one', '>')).keys()].sort()).toEqual(['name.a', 'number.1', 'number.2']);
  });
});
