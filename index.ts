import { IPC } from './services/ipc/index.js';

/** The instance that `import ipc from 'omni-ipc'` and `require('omni-ipc')` return. */
const ipc = new IPC();

export type { Endpoint } from './entities/address.js';
export type { CustomCodec } from './entities/codec.js';
export type { BackplaneOptions } from './entities/config/backplane.js';
export type { Interfaces, TlsConfig, UdpConfig } from './entities/config/network.js';
export type { Profile } from './entities/config/profile.js';
export type { Delay } from './entities/config/retries.js';
export type { Authorize } from './entities/config/trust.js';
export type { DialectName, Encoding, Framing } from './entities/config/wire.js';
export type { Config } from './entities/config.js';
export { IPCError, type IPCErrorCode, type IPCErrorDetails } from './entities/errors.js';
export {
  type Bytes,
  type ClientEvents,
  ClientStatus,
  type EventArguments,
  type Payload,
  type RequestContract,
  type Response,
  type Retry,
  type ServerEvents,
  type StreamContract,
  type Untyped,
} from './entities/events.js';
export type { CloseInfo, Meta } from './entities/packet.js';
export type { PeerSocket } from './entities/sockets.js';
export type { StopOptions } from './lib/acceptor.js';
export type { Client } from './lib/client.js';
export { registerCodec } from './lib/codecs/registry.js';
export type { StreamOptions } from './lib/conversations/call-stream.js';
export type { CallContext } from './lib/conversations/context.js';
export type { HandleOptions, RequestHandler } from './lib/conversations/handlers.js';
export type { ItemStream } from './lib/conversations/item-stream.js';
export type { RequestOptions } from './lib/conversations/request-options.js';
export type { TopicHandler, TopicNames } from './lib/conversations/topics.js';
export type {
  ClientInspection,
  InspectOptions,
  Listed,
  OpenRequest,
  PeerInspection,
  ServerInspection,
} from './lib/inspection.js';
export { type InterceptedMessage, type Interceptor, intercept } from './lib/interceptors.js';
export type { DiagnosticsMessages } from './lib/observe.js';
export type { ClientId } from './lib/recipients.js';
export type { StandardSchema } from './lib/schemas.js';
export type {
  BroadcastOptions,
  ClientReference,
  DatagramServer,
  Server,
  SurveyResult,
} from './lib/server.js';
export type { ServerPeer } from './lib/server-peer.js';
export type { Stats } from './lib/stats.js';
export { type Remote, remote } from './services/ipc/remote.js';
export { IPC, IPC as IPCModule };
export default ipc;
