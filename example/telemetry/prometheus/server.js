import { createServer } from 'node:http';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import ipc from 'omni-ipc';
import { instrument } from 'omni-ipc/opentelemetry';

// A program of yours would let the exporter listen on its port: new PrometheusExporter({ port: 9464 }).
const exporter = new PrometheusExporter({ preventServerStart: true });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }));
instrument();

const endpoint = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
endpoint.listen(0, '127.0.0.1');

ipc.config.id = 'world';
ipc.config.silent = true;

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));

server.handle('add', ([a, b]) => a + b);
server.handle('metrics', () => `http://127.0.0.1:${endpoint.address().port}/metrics`);
server.on('socket.disconnected', () => {
  server.stop();
  endpoint.close();
});
server.start();
