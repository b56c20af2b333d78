import { files } from './families/omni.js';

export const adapter = files('omni-ipc, MessagePack', 'msgpack');
