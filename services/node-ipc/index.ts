import { type Config, defaults } from '../../entities/config.js';

export { IPC } from '../ipc/index.js';
export { EventParser, type Formattable } from './event-parser.js';

/** A config with all defaults. */
export type Defaults = Config;

/**
 * Creates a config with all defaults, like `entities/Defaults` of node-ipc.
 * @deprecated `ipc.config` and `new IPC().config` are such configs
 */
export const Defaults: new () => Config = class Defaults {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: `interface` and `interfaces` of a config are one and the same
    return Object.setPrototypeOf(defaults(), new.target.prototype);
  }
} as new () => Config;
