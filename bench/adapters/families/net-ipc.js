import { readFileSync } from 'node:fs';

/**
 * An adapter for net-ipc and libraries with its API, with its own JSON or with messagepack. `load` returns the library.
 * `serve` also accepts a request handler, and `connect` also returns `request`.
 */
export function netIpc({ messagepack = false, load = () => import('net-ipc'), ...about }) {
  return {
    package: 'net-ipc',
    ...about,
    async serve(place, deliver, answer) {
      const { Server } = await load();
      const server = new Server(
        place.transport === 'unix'
          ? { path: place.path }
          : {
              port: place.port,
              listenOptions: { host: '127.0.0.1' },
              tls: place.transport === 'tls',
              options:
                place.transport === 'tls'
                  ? { key: readFileSync(place.key), cert: readFileSync(place.cert) }
                  : {},
            },
      );
      server.on('message', deliver);
      if (answer !== undefined) server.on('request', (data, respond) => respond(answer(data)));
      await server.start();
      return {
        send: (connection, data) => connection.send(data),
        broadcast: (data) => server.broadcast(data),
      };
    },
    async connect(place, deliver) {
      const { Client } = await load();
      const client = new Client(
        place.transport === 'unix'
          ? { path: place.path, messagepack }
          : {
              host: 'localhost',
              port: place.port,
              messagepack,
              tls: place.transport === 'tls',
              options: { rejectUnauthorized: false, family: 4 },
            },
      );
      client.on('message', deliver);
      await client.connect();
      return { send: (data) => client.send(data), request: (data) => client.request(data) };
    },
  };
}
