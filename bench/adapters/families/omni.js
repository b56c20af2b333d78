import { message } from '../../lib/message.js';

/** omni-ipc's own API with a codec: a server with some handlers, and a client that is connected to it. */
export async function serve({ path }, handlers) {
  const ipc = await open('json');
  const server = ipc.serve(path);
  for (const [type, handler] of Object.entries(handlers)) server.handle(type, handler);
  await server.start();
}

export async function connect({ path }, codec = 'json') {
  const ipc = await open(codec);
  const client = ipc.connectTo('world', path);
  await client.ready();
  return client;
}

async function open(codec) {
  const { IPC } = await import('../../../dist/ipc.mjs');
  const ipc = new IPC();
  Object.assign(ipc.config, { silent: true, codec });
  return ipc;
}

/** Files as streams: each chunk of the file is an item. */
export function files(name, codec) {
  return {
    name,
    serve: (place, file) => serve(place, { file: () => file() }),
    async connect(place) {
      const client = await connect(place, codec);
      return () => client.stream('file');
    },
  };
}

/** A stream of messages, and requests. */
export function items(name, codec) {
  return {
    name,
    serve: (place, _deliver, answer) =>
      serve(place, {
        ask: answer,
        async *items() {
          for (let n = 0; ; n++) yield message(n);
        },
      }),
    async connect(place) {
      const client = await connect(place, codec);
      return { items: () => client.stream('items'), request: (data) => client.request('ask', data) };
    },
  };
}
