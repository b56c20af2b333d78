// The channel of an earlier build, whose hub relays messages. OMNI_IPC_BEFORE names its folder.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { channels } from './families/channel.js';

const require = createRequire(`${process.env.OMNI_IPC_BEFORE ?? '.'}/package.json`);

export const adapter = channels({
  name: 'omni-ipc channel, earlier build',
  options: ({ path }) => ({ directory: `${path}.channel` }),
  module: process.env.OMNI_IPC_BEFORE && pathToFileURL(require.resolve('omni-ipc/channel')).href,
  bystander: true,
});
