import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { observed } from '../../../lib/observe.js';
import { observeSizes } from '../../../services/opentelemetry/sizes.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { pair } from '../../support/instances.js';

describe('The sizes of packets', () => {
  it('are measured in bytes, those of broadcasts for each receiver, until the instrumentation ends', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const provider = new MeterProvider({ readers: [reader] });
    const forget = observeSizes(provider.getMeter('spec'));
    afterwards(() => provider.shutdown());
    const { server, client } = await pair();
    client.emit('message', 'é'.repeat(100_000));
    await once(server, 'message');
    server.broadcast('message', 'hello');
    await once(client, 'message');
    forget();
    expect(observed.packetOut.hasSubscribers).toBeFalse();
    client.emit('message', 'not measured');
    await once(server, 'message');
    await reader.forceFlush();
    const [metric] = exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics ?? [];
    expect([metric?.descriptor.name, metric?.descriptor.unit]).toEqual(['omni_ipc.packet.size', 'By']);
    const found = metric?.dataPoints.map(({ attributes, value }) => {
      const { count, sum } = value as { count: number; sum: number };
      return [attributes['omni_ipc.side'], count, sum];
    });
    expect(found).toEqual([
      [
        'client',
        1,
        client.stats().bytesOut - Buffer.byteLength('{"type":"message","data":"not measured"}\f'),
      ],
      ['server', 1, server.stats().bytesOut],
    ]);
  });
});
