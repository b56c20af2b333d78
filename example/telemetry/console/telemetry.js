// To be loaded first: here by an import, in a program that is not to be changed by
// node --import ./telemetry.js --import omni-ipc/opentelemetry app.js
import { ConsoleSpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { instrument } from 'omni-ipc/opentelemetry';

new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] }).register();

instrument({ events: true, metrics: false });
