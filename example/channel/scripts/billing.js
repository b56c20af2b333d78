// Started by hand, as any other that names the channel 'shop': there is no server to start before it.
import { Channel } from 'omni-ipc/channel';

const channel = new Channel({ name: 'shop', peer: 'billing' });

channel.handle('invoice', (order) => ({ order: order.id, total: order.price * order.count }));

channel.on('thanks', (sender, words) => {
  console.log(`peer ${sender} says ${words}`);
  channel.disconnect();
});

await channel.ready();
console.log(`billing is peer ${channel.pid} and listens on the channel`);
