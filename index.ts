import { IPC } from './services/ipc/index.js';

const ipc = new IPC();

export type { Endpoint } from './entities/address.js';
export type {
  Authorize,
  Config,
  Delay,
  DialectName,
  Encoding,
  Interfaces,
  TlsConfig,
} from './entities/config.js';
export { IPCError, type IPCErrorCode } from './entities/errors.js';
export {
  type Bytes,
  type ClientEvents,
  ClientStatus,
  type Exchange,
  type Farewell,
  type Loose,
  type Payload,
  type Response,
  type Retry,
  type Saying,
  type ServerEvents,
} from './entities/events.js';
export type { Client } from './lib/client.js';
export type { HandleOptions, RequestHandler, StandardSchema } from './lib/conversations/handlers.js';
export type { RequestOptions } from './lib/conversations/requests.js';
export type { TopicHandler, TopicNames } from './lib/conversations/topics.js';
export type { DatagramServer } from './lib/datagram-server.js';
export type { PeerSocket, StopOptions } from './lib/gate.js';
export type { Server, SurveyResult } from './lib/server.js';
export type { Stats } from './lib/stats.js';
export { IPC, IPC as IPCModule };
export default ipc;
