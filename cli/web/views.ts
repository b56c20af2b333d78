import type { InstanceReport } from '../../services/inspect/index.js';
import type { InspectedProcess } from '../inspect/processes.js';
import type { Rates } from '../inspect/rates.js';
import { shown } from '../top/rows.js';
import type { InstanceView, ProcessView } from './wire.js';

/** How many clients, servers and channels of a process are reported. */
const MOST_INSTANCES = 100;
const LONGEST_NAME = 300;

export function processView(one: InspectedProcess): ProcessView {
  const { report, figures } = one;
  const common = shown(one);
  return {
    ...common,
    program: common.program.slice(0, LONGEST_NAME),
    node: report?.node ?? '',
    since: report?.since ?? 0,
    memory: report?.memory ?? 0,
    busy: report?.busy ?? 0,
    instances: (report?.instances.items ?? [])
      .slice(0, MOST_INSTANCES)
      .map((instance) => instanceView(instance, figures?.instances.get(instance.ref))),
  };
}

function instanceView(one: InstanceReport, rates: Rates | undefined): InstanceView {
  const common = {
    ref: one.ref,
    kind: one.kind,
    subscriptions: one.subscriptions.total,
    messages: Math.round(rates?.packets ?? 0),
    bytes: Math.round(rates?.bytes ?? 0),
  };
  if (one.kind === 'channel') {
    return {
      ...common,
      name: (one.name ?? 'channel').slice(0, LONGEST_NAME),
      dialect: one.carrier,
      status: one.connected ? `member ${one.number ?? '?'}` : 'not connected',
      peers: one.members.total,
      open: one.requests.total,
      queued: one.queue.bytes,
    };
  }
  const name = one.address.slice(0, LONGEST_NAME);
  const { openRequests: open, pendingBytes: queued } = one.stats;
  if (one.kind === 'client')
    return { ...common, name, dialect: one.dialect, status: one.status, peers: 0, open, queued };
  const status = one.listening ? 'listening' : 'stopped';
  return {
    ...common,
    name,
    dialect: one.dialects.join(', '),
    status,
    peers: one.stats.connections,
    open,
    queued,
  };
}
