import { IPCClient, IPCServer } from 'omni-ipc/ipc-server';
import netIpc, {
  Client,
  type ClientReadyEvent,
  type Connection,
  type PromiseSettled,
  Server,
} from 'omni-ipc/net-ipc';
import socketIpc, { Client as TopicClient, Server as TopicServer } from 'omni-ipc/socket-ipc';

export const server: Server = new Server({ port: 4466, listenOptions: { host: '127.0.0.1' } });
server.on('connect', (connection: Connection, payload) => payload === 'hi' || connection.close('no', false));
server.on('request', (request, respond, connection) =>
  respond([request, connection.id]).catch(console.error),
);

export const client: Client = new Client({
  host: 'localhost',
  tls: true,
  options: { rejectUnauthorized: false },
});
client.on('ready', ({ id, compress }) => console.log(id.length, compress || client.status));
client.on('ready', (response: ClientReadyEvent) => console.log(response.messagepack));
export const survey: Promise<PromiseSettled[]> = server.survey('question', 100);
survey.then((results) => results.map(({ value, reason }) => value ?? reason));
server.ping().then((pings) => pings.map(({ value = 0 }) => value.toFixed()));
export const same: boolean = new netIpc.Client() instanceof Client && socketIpc.Server === TopicServer;

export const isdk: IPCClient = new IPCClient({ path: 'x' });
isdk.on('any event', (data) => console.log(data.anything));
export const isdkServer: IPCServer = new IPCServer();
isdkServer.publish({ pub: 'any event', message: 1 });

export const topics: TopicServer = new TopicServer({ socketFile: 'x' });
topics.on('connection', (id, socket) => console.log(id.length, socket.remoteAddress));
topics.on('message.hello', (message, id) => topics.send('hello', message.name, id));
export const listener: TopicClient = new TopicClient({ socketFile: 'x', retryDelay: { min: 1, max: 2 } });
listener.on('message', (message, topic) => console.log(message, topic.length));
