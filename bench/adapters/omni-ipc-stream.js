import { items } from './families/omni.js';

export const adapter = items('omni-ipc, a stream', 'json');
