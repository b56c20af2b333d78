import { connect, serve } from './families/omni.js';

export const adapter = { name: 'omni-ipc', serve, connect };
