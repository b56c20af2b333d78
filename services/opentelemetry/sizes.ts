import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Meter } from '@opentelemetry/api';

const CHANNEL = 'omni-ipc:packet.out';

/** Histogram boundaries in bytes; each is four times the one before. */
const BUCKETS = [64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];

/**
 * Measures each packet that the process sends.
 * @returns a function that ends the measurement
 */
export function observeSizes(meter: Meter): () => void {
  const sizes = meter.createHistogram('omni_ipc.packet.size', {
    description: 'Size of the packets that the process sends.',
    unit: 'By',
    advice: { explicitBucketBoundaries: BUCKETS },
  });
  const sides = { client: { 'omni_ipc.side': 'client' }, server: { 'omni_ipc.side': 'server' } };
  const sent = (message: unknown) => {
    const { side, bytes } = message as { side: keyof typeof sides; bytes: number };
    sizes.record(bytes, sides[side]);
  };
  subscribe(CHANNEL, sent);
  return () => unsubscribe(CHANNEL, sent);
}
