import { channels } from './families/channel.js';

export const adapter = channels({
  name: 'omni-ipc channel, third member',
  options: ({ path }) => ({ directory: `${path}.channel` }),
  bystander: true,
});
