import { Client } from './client.js';
import { DecodeError } from './errors.js';
import { Server } from './server.js';

export type { ClientEvents } from './client.js';
export type { MessageWrapper } from './errors.js';
export {
  BadClientError,
  DecodeError,
  DecodeError as MessageError,
  EncodeError,
  NoServerError,
  SendAfterCloseError,
  SendError,
} from './errors.js';
export type { ClientOptions, DelayRange, ServerOptions } from './options.js';
export type { ServerEvents } from './server.js';
export type { Transcoder } from './transcoder.js';
export { Client, Server };

/** For `import socketIpc from`. */
export default { Client, Server, MessageError: DecodeError };
