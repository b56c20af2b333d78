import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { Registry } from '../../../services/inspect/registry.js';
import { observeGauges } from '../../../services/opentelemetry/gauges.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { pair } from '../../support/instances.js';

describe('The gauges', () => {
  it('add up clients and servers, keep the counts of closed ones, and count reconnects', async () => {
    const registry = new Registry(() => {});
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const provider = new MeterProvider({ readers: [reader] });
    let looks = 0;
    const looked = {
      reports: (...how: Parameters<Registry['reports']>) => {
        looks++;
        return registry.reports(...how);
      },
    };
    const forget = observeGauges(provider.getMeter('spec'), looked);
    afterwards(async () => {
      registry.end();
      await provider.shutdown();
    });
    const collect = async () => {
      await reader.forceFlush();
      const found = new Map<string, unknown>();
      for (const { descriptor, dataPoints } of exporter.getMetrics().at(-1)?.scopeMetrics[0]?.metrics ?? [])
        for (const { attributes, value } of dataPoints)
          found.set([descriptor.name, ...Object.values(attributes)].join(' '), value);
      exporter.reset();
      return found;
    };
    const { server, client } = await pair();
    server.handle('never', () => new Promise(() => {}));
    client.request('never').catch(() => {});
    client.emit('tick');
    await once(server, 'tick');
    const first = await collect();
    expect(first.get('omni_ipc.connections client')).toBe(1);
    expect(first.get('omni_ipc.connections server')).toBe(1);
    expect([first.get('omni_ipc.open_calls asked'), first.get('omni_ipc.open_calls answering')]).toEqual([
      1, 1,
    ]);
    expect(first.get('omni_ipc.packets transmit')).toBe(2);
    expect(first.get('omni_ipc.packets receive')).toBe(2);
    expect(first.get('omni_ipc.io transmit')).toBe(client.stats().bytesOut);
    expect(first.get('omni_ipc.client.reconnects')).toBe(0);
    const again = once(client, 'ipc:reconnect');
    (client.socket as { destroy(): void }).destroy();
    await again;
    const second = await collect();
    expect(second.get('omni_ipc.client.reconnects')).toBe(1);
    const gone = once(client, 'destroy');
    client.destroy();
    await gone;
    const third = await collect();
    expect(third.get('omni_ipc.client.reconnects')).toBe(1);
    expect(third.get('omni_ipc.packets transmit')).toBeGreaterThanOrEqual(2);
    expect(third.get('omni_ipc.connections client')).toBe(0);
    forget();
    await collect();
    expect(looks).toBe(3);
  });
});
