// Another program: it knows the other by its name.
import { Channel } from 'omni-ipc/channel';

const channel = new Channel({ name: 'shop' });

const invoice = await channel.to('billing').request('invoice', { id: 7, price: 25, count: 4 });
console.log(`order ${invoice.order} costs ${invoice.total}`);

channel.to('billing').emit('thanks', 'thank you');
await channel.close();
