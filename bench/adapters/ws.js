// ws over a Unix socket, as its documentation shows for an external server. ws carries text, so the messages are JSON.
export const adapter = {
  name: 'ws',
  package: 'ws',
  async serve(place, deliver) {
    const { createServer } = await import('node:http');
    const { WebSocketServer } = await import('ws');
    const server = createServer();
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    sockets.on('connection', (socket) => {
      socket.on('message', (bytes) => deliver(JSON.parse(bytes), socket));
    });
    await new Promise((resolve) => server.listen(place.path, resolve));
    return {
      send: (socket, data) => socket.send(JSON.stringify(data)),
      broadcast: (data) => {
        const text = JSON.stringify(data);
        for (const socket of sockets.clients) socket.send(text);
      },
    };
  },
  async connect(place, deliver) {
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(`ws+unix:${place.path}:/`, { perMessageDeflate: false });
    socket.on('message', (bytes) => deliver(JSON.parse(bytes)));
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return { send: (data) => socket.send(JSON.stringify(data)) };
  },
};
