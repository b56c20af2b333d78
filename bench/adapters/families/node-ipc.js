/**
 * An adapter for libraries with node-ipc's API. `load` returns a new ipc. `settings`, or their result for an address, go into its
 * config. If the library has requests, `serve` also accepts a request handler and `connect` returns `request`.
 */
export function nodeIpc({ load, settings = {}, ...about }) {
  return {
    ...about,
    async serve(place, deliver, answer) {
      const ipc = await open(place);
      const server = await listen(ipc, place, place.port);
      if (answer !== undefined) server.handle?.('ask', answer);
      server.on(place.raw ? 'data' : 'message', deliver);
      return {
        send: place.raw
          ? (peer, bytes) => server.emit(peer, bytes)
          : (peer, data) => server.emit(peer, 'message', data),
        broadcast: (data) => server.broadcast('message', data),
        server,
      };
    },
    async connect(place, deliver) {
      const ipc = await open(place);
      if (place.transport === 'udp4') {
        const socket = await listen(ipc, place, place.clientPort);
        socket.on('message', deliver);
        const server = { address: '127.0.0.1', port: place.port };
        return { send: (data) => socket.emit(server, 'message', data) };
      }
      if (place.transport === 'unix') ipc.connectTo('world', place.path);
      else ipc.connectToNet('world', '127.0.0.1', place.port);
      const client = ipc.of.world;
      client.on(place.raw ? 'data' : 'message', deliver);
      await new Promise((resolve) => client.on('connect', resolve));
      return {
        send: place.raw ? (bytes) => client.emit(bytes) : (data) => client.emit('message', data),
        request: client.request && ((data) => client.request('ask', data)),
        client,
      };
    },
  };

  async function open(place) {
    const ipc = await load();
    Object.assign(ipc.config, {
      silent: true,
      maxConnections: 1_000_000,
      rawBuffer: place.raw ?? false,
      ...(typeof settings === 'function' ? settings(place) : settings),
    });
    if (place.transport === 'tls') {
      ipc.config.tls = { private: place.key, public: place.cert, rejectUnauthorized: false };
    }
    return ipc;
  }

  function listen(ipc, place, port) {
    return new Promise((resolve) => {
      const started = () => resolve(ipc.server);
      if (place.transport === 'unix') ipc.serve(place.path, started);
      else if (place.transport === 'udp4') ipc.serveNet('127.0.0.1', port, 'udp4', started);
      else ipc.serveNet('127.0.0.1', port, started);
      ipc.server.start();
    });
  }
}
