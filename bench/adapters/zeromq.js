// ZeroMQ carries bytes, so the messages are JSON. A socket accepts one send at a time, so the next one waits.
export const adapter = {
  name: 'zeromq',
  package: 'zeromq',
  async serve(place, deliver) {
    const { Router } = await import('zeromq');
    const socket = new Router({ linger: 0 });
    await socket.bind(address(place));
    const send = sender(socket);
    receive(socket, ([id, bytes]) => deliver(JSON.parse(bytes), id));
    return { send: (id, data) => send([id, JSON.stringify(data)]) };
  },
  async connect(place, deliver) {
    const { Dealer } = await import('zeromq');
    const socket = new Dealer({ linger: 0 });
    socket.connect(address(place));
    const send = sender(socket);
    receive(socket, ([bytes]) => deliver(JSON.parse(bytes)));
    return { send: (data) => send(JSON.stringify(data)) };
  },
};

function address({ transport, path, port }) {
  return transport === 'unix' ? `ipc://${path}` : `tcp://127.0.0.1:${port}`;
}

async function receive(socket, deliver) {
  for await (const frames of socket) deliver(frames);
}

function sender(socket) {
  let queue = [];
  let sending = false;
  async function pump() {
    sending = true;
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      for (const frames of batch) await socket.send(frames);
    }
    sending = false;
  }
  return (frames) => {
    queue.push(frames);
    if (!sending) pump();
  };
}
