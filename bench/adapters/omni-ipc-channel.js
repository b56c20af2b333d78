import { channels } from './families/channel.js';

export const adapter = channels({
  name: 'omni-ipc channel',
  options: ({ path }) => ({ directory: `${path}.channel` }),
});
