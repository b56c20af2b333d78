// The channel of an earlier build, whose folder is in OMNI_IPC_BEFORE; its hub relays messages.
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
