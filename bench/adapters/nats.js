// NATS with its server in a separate process: /usr/sbin/nats-server, as Debian's package nats-server installs it.
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

export const adapter = {
  name: 'nats',
  package: '@nats-io/transport-node',
  async serve(place, deliver, answer) {
    const broker = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(place.port)], { stdio: 'ignore' });
    await new Promise((resolve, reject) => {
      broker.once('spawn', resolve);
      broker.once('error', () => reject(new Error('nats-server is not installed')));
    });
    process.once('exit', () => broker.kill('SIGKILL'));
    const connection = await dial(place);
    connection.subscribe('bench.ask', {
      callback: (_error, message) => {
        const data = message.json();
        if (answer === undefined) deliver(data, message.reply);
        else message.respond(JSON.stringify(answer(data)));
      },
    });
    await connection.flush();
    return { send: (_peer, data) => connection.publish('bench.back', JSON.stringify(data)) };
  },
  async connect(place, deliver) {
    const connection = await dial(place);
    connection.subscribe('bench.back', { callback: (_error, message) => deliver(message.json()) });
    await connection.flush();
    return {
      send: (data) => connection.publish('bench.ask', JSON.stringify(data)),
      request: async (data) => (await connection.request('bench.ask', JSON.stringify(data))).json(),
    };
  },
};

async function dial({ port }) {
  const { connect } = await import('@nats-io/transport-node');
  for (let tries = 0; ; tries++) {
    try {
      return await connect({ servers: `127.0.0.1:${port}`, reconnect: false });
    } catch (error) {
      if (tries === 50) throw error;
      await pause(20);
    }
  }
}
