import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const CHANNEL = new URL('../../../dist/channel.mjs', import.meta.url).href;
const BYSTANDER = fileURLToPath(new URL('../../lib/bystander.js', import.meta.url));

/**
 * Two members of a channel. The server has the name `server`.
 * @param options returns further options of the channel
 * @param before runs first
 * @param module the module of the channel, by default of this build
 * @param bystander whether a third member, in its own process, joins first; if the channel has hubs, that member is the hub
 */
export function channels({ name, options, before = async () => {}, module = CHANNEL, bystander = false }) {
  async function join(place, more) {
    const { Channel } = await import(module);
    return new Channel({ name: 'bench', requestTimeout: 0, ...options(place), ...more });
  }

  return {
    name,
    package: 'omni-ipc',
    async serve(place, deliver, answer) {
      await before(place);
      if (bystander) await stand(module, { name: 'bench', ...options(place) });
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

/** Starts an idle member, which ends with this process. */
async function stand(module, options) {
  const child = fork(BYSTANDER, [module, JSON.stringify(options)], { execArgv: [] });
  process.once('exit', () => child.kill('SIGKILL'));
  await once(child, 'message');
  child.unref();
  child.channel?.unref();
}
