// gRPC over a Unix socket: one unary method. Its messages are JSON instead of protobuf, so that all subjects carry the same data.
const ASK = {
  path: '/bench.Bench/Ask',
  requestStream: false,
  responseStream: false,
  requestSerialize: encode,
  requestDeserialize: decode,
  responseSerialize: encode,
  responseDeserialize: decode,
};

export const adapter = {
  name: 'grpc-js',
  package: '@grpc/grpc-js',
  async serve(place, _deliver, answer) {
    const { Server, ServerCredentials } = await import('@grpc/grpc-js');
    const server = new Server();
    server.addService({ ask: ASK }, { ask: ({ request }, respond) => respond(null, answer(request)) });
    await new Promise((resolve, reject) => {
      const bound = (error) => (error ? reject(error) : resolve());
      server.bindAsync(`unix:${place.path}`, ServerCredentials.createInsecure(), bound);
    });
    return {};
  },
  async connect(place) {
    const { credentials, makeGenericClientConstructor } = await import('@grpc/grpc-js');
    const Client = makeGenericClientConstructor({ ask: ASK }, 'bench.Bench');
    const client = new Client(`unix:${place.path}`, credentials.createInsecure());
    await new Promise((resolve, reject) => {
      client.waitForReady(Date.now() + 5000, (error) => (error ? reject(error) : resolve()));
    });
    return {
      request: (data) =>
        new Promise((resolve, reject) => {
          client.ask(data, (error, reply) => (error ? reject(error) : resolve(reply)));
        }),
    };
  },
};

function encode(data) {
  return Buffer.from(JSON.stringify(data));
}

function decode(bytes) {
  return JSON.parse(bytes);
}
