/** Two members of a channel: the server is named `server`. `options` gives what else it is made of. */
export function channels({ name, options, before = async () => {} }) {
  const load = async () => (await import('../../../dist/channel.mjs')).Channel;

  async function join(place, more) {
    const Channel = await load();
    return new Channel({ name: 'bench', requestTimeout: 0, ...options(place), ...more });
  }

  return {
    name,
    package: 'omni-ipc',
    async serve(place, deliver, answer) {
      await before(place);
      const channel = await join(place, { peer: 'server' });
      channel.on('there', (sender, data) => deliver(data, sender));
      if (answer !== undefined) channel.handle('ask', answer);
      await channel.ready();
      return {
        send: (peer, data) => channel.to(peer).emit('back', data),
        broadcast: (data) => channel.to('all').emit('back', data),
      };
    },
    async connect(place, deliver) {
      const channel = await join(place, {});
      channel.on('back', (_sender, data) => deliver(data));
      await channel.ready();
      const server = channel.to('server');
      return {
        send: (data) => server.emit('there', data),
        request: (data) => server.request('ask', data),
      };
    },
  };
}
