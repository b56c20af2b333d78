import { topics } from './families/topics.js';

export const adapter = topics({ name: 'omni-ipc topics' });
