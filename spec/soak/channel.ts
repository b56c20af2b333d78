import { setTimeout as pause } from 'node:timers/promises';
import { freshRendezvous, PeerProcess, peerProcesses } from '../support/channels.js';
import { Couriers } from '../support/couriers.js';
import { crowd } from './crowd.js';
import { type Figures, hold } from './promise.js';

/** The extent of the campaign. */
const LONG = { rounds: 60, crowd: 50, restarts: 100, stops: 10 };

/** Peers whose hubs are killed and stopped, that start in crowds, and that are restarted repeatedly. */
export async function soak(settings: Partial<typeof LONG> = {}): Promise<Figures> {
  const scale = { ...LONG, ...settings };
  return {
    ...(await takeOvers(scale.rounds)),
    ...(await crowd(scale.crowd)),
    ...(await restarts(scale.restarts)),
    ...(await stops(scale.stops)),
  };
}

/** Eight peers send each other numbered messages while the hub is killed every second, and started again. */
export async function takeOvers(rounds: number): Promise<Figures> {
  const couriers = new Couriers(8, 25);
  await couriers.addAll();
  const gaps: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const next = pause(1000);
    const { number, gap } = await couriers.killHub();
    gaps.push(gap);
    const again = await couriers.add();
    hold(again === number, `peer ${number} came back as ${again}`);
    await next;
  }
  const { received, repeated, ...faults } = await couriers.finish();
  const { lost, duplicated, reordered } = faults;
  hold(lost + duplicated + reordered === 0, `of ${received} messages: ${JSON.stringify(faults)}`);
  const complaints = couriers.complaints.slice(0, 5);
  hold(complaints.length === 0, complaints.join('\n'));
  return {
    hubs_killed: rounds,
    messages_received: received,
    ...faults,
    handed_again_after_a_crash: repeated,
    longest_delay_ms: Math.round(couriers.longestDelay),
    ...distribution('gap', gaps),
  };
}

/** Kills one of three peers and starts it again, many times. */
export async function restarts(count: number): Promise<Figures> {
  const directory = freshRendezvous();
  const [first, second, third] = (await peerProcesses(directory, 3)) as [
    PeerProcess,
    PeerProcess,
    PeerProcess,
  ];
  let restarted = second;
  for (let i = 0; i < count; i++) {
    await restarted.program.kill();
    third.tell('send', 2, `while away ${i}`);
    restarted = new PeerProcess(directory);
    const number = await restarted.up();
    hold(number === 2, `peer 2 came back as ${number} after ${i} restarts`);
    await restarted.says(`message 3 while away ${i}`);
  }
  await Promise.all([first, restarted, third].map(({ program }) => program.kill()));
  return { restarts: count, number_kept: count };
}

/** Stops the hub until it is replaced, and resumes it, many times. Messages to it and from it arrive once. */
export async function stops(count: number): Promise<Figures> {
  const peers = await peerProcesses(freshRendezvous(), 4);
  const delays: number[] = [];
  let hub = 1;
  for (let i = 0; i < count; i++) {
    const stopped = peers[hub - 1] as PeerProcess;
    const others = peers.filter((peer) => peer !== stopped);
    const since = performance.now();
    stopped.signal('SIGSTOP');
    const next = await Promise.all(others.map(async (peer) => Number((await peer.says(/^hub (\d+)/))[1])));
    delays.push(performance.now() - since);
    hold(new Set(next).size === 1 && next[0] !== hub, `hub ${hub} was stopped, and the next are ${next}`);
    const other = others[0] as PeerProcess;
    const number = peers.indexOf(other) + 1;
    other.tell('send', hub, `to ${i}`);
    stopped.tell('send', number, `from ${i}`);
    stopped.signal('SIGCONT');
    const [, yielded] = await stopped.says(/^hub (\d+)/);
    hold(Number(yielded) === next[0], `it woke to hub ${yielded}, and the others have ${next[0]}`);
    await stopped.says(`message ${number} to ${i}`);
    await other.says(`message ${hub} from ${i}`);
    hub = next[0] as number;
  }
  const twice = peers.flatMap(({ program }) => {
    const lines: string[] = program.stdout.match(/^message .*/gm) ?? [];
    return lines.filter((line, i) => lines.indexOf(line) !== i);
  });
  hold(twice.length === 0, `handed over twice: ${twice}`);
  await Promise.all(peers.map(({ program }) => program.kill()));
  return { hubs_stopped: count, ...distribution('replaced_after', delays) };
}

/** Formats the median, the 95th percentile and the maximum of some durations in milliseconds. */
function distribution(name: string, milliseconds: number[]): Figures {
  const sorted = milliseconds.sort((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
  return { [`${name}_median_ms`]: at(0.5), [`${name}_p95_ms`]: at(0.95), [`${name}_longest_ms`]: at(1) };
}
