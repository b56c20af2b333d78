/**
 * One side of a conversation between Linux and Windows: `partner.js server|client PORT [CA KEY CERTIFICATE]`. It uses TLS if it
 * gets certificates. The client uses every feature and fails if an answer is wrong. Then both sides end by themselves.
 */
import { deepStrictEqual } from 'node:assert';
import { IPC } from '../../index.js';
import { once } from '../support/events.js';

const [, , role, port, ca, key, certificate] = process.argv;
const TEXT = 'Grüße ☕ 𝄞 '.repeat(200_000);

const ipc = new IPC();
const tls = { public: certificate, private: key, trustedConnections: ca, requestCert: true };
Object.assign(ipc.config, { silent: true, id: 'partner', retry: 50, ...(ca ? { tls } : {}) });

if (role === 'server') await serve();
else await talk();

async function serve(): Promise<void> {
  const server = ipc.serveNet('127.0.0.1', Number(port));
  server.on('echo', (data, socket) => server.emit(socket, 'echo', data));
  server.handle('double', (number) => 2 * (number as number));
  server.handle('ask back', (_, socket) => server.request(socket, 'system'));
  server.handle('count', async function* (to) {
    for (let number = 1; number <= (to as number); number++) yield number;
  });
  server.on('bye', () => void server.stop());
  await server.start();
}

async function talk(): Promise<void> {
  const client = ipc.connectToNet('partner', 'localhost', Number(port));
  client.handle('system', () => process.platform);
  await client.ready();
  const echoes: unknown[] = [];
  client.on('echo', (data) => echoes.push(data));
  const numbers = [...Array(1000).keys()];
  for (const number of numbers) client.emit('echo', number);
  client.emit('echo', TEXT);
  while (echoes.length <= numbers.length) await once(client, 'echo');
  deepStrictEqual(echoes.slice(0, -1), numbers);
  deepStrictEqual(echoes.at(-1) === TEXT, true);
  deepStrictEqual(await client.request('double', 21), 42);
  deepStrictEqual(await client.request('ask back'), process.platform);
  const items: unknown[] = [];
  for await (const item of client.stream('count', 500)) items.push(item);
  deepStrictEqual(items, numbers.slice(1, 501));
  const forecast = new Promise((resolve) => {
    void client.subscribe('weather.*', resolve).then(() => client.publish('weather.oslo', 'snow'));
  });
  deepStrictEqual(await forecast, 'snow');
  client.emit('bye');
  await client.close();
  console.log(`${echoes.length} events, 2 requests, ${items.length} items of a stream and 1 publication`);
}
