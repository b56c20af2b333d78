import { readFileSync } from 'node:fs';

/** An adapter for net-ipc, with its own JSON or with messagepack. */
export function netIpc({ messagepack, ...about }) {
  return {
    ...about,
    package: 'net-ipc',
    async serve(place, deliver) {
      const { Server } = await import('net-ipc');
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
      await server.start();
      return {
        send: (connection, data) => connection.send(data),
        broadcast: (data) => server.broadcast(data),
      };
    },
    async connect(place, deliver) {
      const { Client } = await import('net-ipc');
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
      return { send: (data) => client.send(data) };
    },
  };
}
