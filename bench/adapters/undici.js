// HTTP over a Unix socket: node:http responds, undici sends requests over one connection with pipelining.
import { createServer } from 'node:http';

export const adapter = {
  name: 'undici and node:http',
  package: 'undici',
  async serve(place, _deliver, answer) {
    const server = createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const text = JSON.stringify(answer(JSON.parse(Buffer.concat(chunks))));
        response.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        });
        response.end(text);
      });
    });
    await new Promise((resolve) => server.listen(place.path, resolve));
    return {};
  },
  async connect(place) {
    const { Client } = await import('undici');
    const client = new Client('http://localhost', { socketPath: place.path, pipelining: 256 });
    return {
      request: async (data) => {
        // undici pipelines only idempotent requests.
        const { body } = await client.request({
          path: '/',
          method: 'POST',
          idempotent: true,
          blocking: false,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(data),
        });
        return body.json();
      },
    };
  },
};
