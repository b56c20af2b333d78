/** An adapter for socket-ipc and libraries with its API. `load` returns the library. */
export function socketIpc({ load, ...about }) {
  return {
    ...about,
    async serve(place, deliver) {
      const { Server } = await load();
      const server = new Server({ socketFile: place.path });
      server.on('message.message', deliver);
      await new Promise((resolve) => {
        server.on('listening', resolve);
        server.listen();
      });
      return {
        send: (id, data) => server.send('message', data, id),
        broadcast: (data) => server.broadcast('message', data),
      };
    },
    async connect(place, deliver) {
      const { Client } = await load();
      const client = new Client({ socketFile: place.path });
      client.on('message.message', deliver);
      await new Promise((resolve) => {
        client.on('connect', resolve);
        client.connect();
      });
      return { send: (data) => client.send('message', data) };
    },
  };
}
