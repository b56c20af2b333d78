import { IPCError } from '../../../entities/errors.js';
import { ClientStatus, type Connection, type Respond } from '../../../services/net-ipc/index.js';
import { once } from '../../support/events.js';
import { introduce, introduceDeaf, serve } from './pair.js';

describe('net-ipc: Connection', () => {
  it('sends messages, requests and pings to its client', async () => {
    const [client, connection] = await introduce(await serve());
    const heard = once(client, 'message');
    await connection.send({ hello: 1 });
    expect(await heard).toEqual([{ hello: 1 }]);
    client.on('request', (data, respond) => respond([data]));
    expect(await connection.request('x')).toEqual(['x']);
    expect(await connection.ping('there')).toBeGreaterThanOrEqual(0);
  });

  it('rejects data that cannot be encoded, and an invalid timeout', async () => {
    const [, connection] = await introduce(await serve());
    await expectAsync(connection.send(1n)).toBeRejectedWith(
      jasmine.objectContaining({ code: 'ERR_IPC_ENCODE' }),
    );
    await expectAsync(connection.request(1, -0.5)).toBeRejectedWithError(/whole number/);
  });

  it('rejects messages to a client that has stopped reading, and disconnects it', async () => {
    const server = await serve({ maxPendingBytes: 1024 * 1024 });
    const [client, connection] = await introduceDeaf(server);
    const gone = once(server, 'disconnect');
    const sends = Array.from({ length: 8 }, () => connection.send('x'.repeat(300_000)));
    await gone;
    await server.close();
    const codes = (await Promise.allSettled(sends)).map((one) => (one as PromiseRejectedResult).reason?.code);
    expect(codes).not.toContain(undefined);
    expect(codes).toContain('ERR_IPC_BACKPRESSURE');
    client.connection?.resume();
  });

  it('closes once, with a reason, after its requests are answered', async () => {
    const [client, connection] = await introduce(await serve());
    const asked = once<[unknown, Respond]>(client, 'request');
    const answer = connection.request('slow');
    const [, respond] = await asked;
    const closed = once(client, 'close');
    const done = connection.close('that is all');
    expect(await connection.close()).toBeFalse();
    respond('done');
    expect(await answer).toBe('done');
    expect(await done).toBeTrue();
    expect(await closed).toEqual(['that is all']);
  });

  it("passes the reason of its close to 'disconnect'", async () => {
    const server = await serve();
    const [, connection] = await introduce(server);
    const gone = once(server, 'disconnect');
    connection.close('that is all');
    const [who, why] = await gone;
    expect([who === connection, why]).toEqual([true, 'that is all']);
    await expectAsync(connection.send(1)).toBeRejectedWith(
      jasmine.objectContaining({ code: 'ERR_IPC_CLOSED' }),
    );
    await expectAsync(connection.request(1)).toBeRejectedWith(
      jasmine.objectContaining({ code: 'ERR_IPC_CLOSED' }),
    );
  });

  it('rejects open requests in destroy(), and the client reconnects', async () => {
    const server = await serve();
    const [client, connection] = await introduce(server);
    client.on('request', () => {});
    const answer = connection.request(1);
    const gone = once(server, 'disconnect');
    const back = once(client, 'ready');
    expect(connection.destroy('try again')).toBeTrue();
    expect(connection.destroy()).toBeFalse();
    const [who, why] = await gone;
    expect([who === connection, why]).toEqual([true, 'try again']);
    await expectAsync(answer).toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_IPC_CLOSED' }));
    await back;
    expect(server.connections[0]?.id).toBe(connection.id);
  });

  it('rejects its open requests at once when the client is lost', async () => {
    const server = await serve();
    const [client, connection] = await introduce(server);
    client.on('request', () => {});
    const answer = connection.request(1, 0);
    client.connection?.destroy();
    await expectAsync(answer).toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_IPC_DISCONNECTED' }));
  });

  it('sends messages for a lost client when that reconnects', async () => {
    const server = await serve();
    const [client, connection] = await introduce(server);
    client.on('request', (data, respond) => respond([data]));
    const lost = once(server, 'disconnect');
    const heard = once(client, 'message');
    client.connection?.destroy();
    await lost;
    const answer = connection.request('how are you?');
    await connection.send('welcome back');
    expect(await heard).toEqual(['welcome back']);
    expect(await answer).toEqual(['how are you?']);
    await connection.send('and now at once');
  });

  it('rejects such messages at once if retries is 0, and when the server closes', async () => {
    const lost = jasmine.objectContaining({ code: 'ERR_IPC_DISCONNECTED' });
    for (const retries of [0, Number.POSITIVE_INFINITY]) {
      const server = await serve({ retries });
      const [client, connection] = await introduce(server);
      const gone = once<[Connection]>(server, 'disconnect');
      client.destroy();
      await gone;
      const sent = connection.send(1);
      if (retries > 0) await server.close();
      await expectAsync(sent).toBeRejectedWith(lost);
    }
  });

  it('rejects such messages after the time for the retries of the client', async () => {
    const server = await serve({ retries: 1 });
    const [client, connection] = await introduce(server);
    const gone = once(server, 'disconnect');
    client.destroy();
    await gone;
    await expectAsync(connection.send(1)).toBeRejected();
    expect(client.status).toBe(ClientStatus.IDLE);
  });

  it('reports the first of several errors as the reason of its end', async () => {
    const server = await serve();
    const [, connection] = await introduce(server, { reconnect: false });
    const gone = once<[Connection, unknown]>(server, 'disconnect');
    connection.destroy();
    const first = new IPCError('ERR_IPC_TOO_LARGE', 'The message is too large.');
    connection.fail(first);
    connection.fail(new IPCError('ERR_IPC_UNSENT', 'The connection was lost before everything was sent.'));
    expect((await gone)[1]).toBe(first);
  });
});
