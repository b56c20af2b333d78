import { childProcess } from './families/child-process.js';

export const adapter = childProcess({ name: 'child_process advanced', serialization: 'advanced' });
