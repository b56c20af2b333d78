import { childProcess } from './families/child-process.js';

export const adapter = childProcess({ name: 'child_process json', serialization: 'json' });
