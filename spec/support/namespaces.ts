import { spawnSync } from 'node:child_process';
import { afterwards } from './afterwards.js';

/** The reason why this machine has no network namespaces, or undefined. */
export function withoutNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'Network namespaces need root.';
  const name = `omni-probe-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0)
    return 'There is no ip, or it may make no namespaces.';
  spawnSync('ip', ['netns', 'del', name]);
  return undefined;
}

/** Separate hosts on one network, each a network namespace. They are removed afterwards. */
export class Hosts {
  readonly #names: readonly string[];

  /** The first host has the switch, and the address 10.77.0.1. */
  constructor(count: number) {
    this.#names = Array.from({ length: count }, (_, i) => `omni-${process.pid}-${i}`);
    afterwards(() => {
      for (const name of this.#names) spawnSync('ip', ['netns', 'del', name]);
    });
    for (const name of this.#names) ip('netns', 'add', name);
    const [first = '', ...others] = this.#names;
    this.#in(first, 'link', 'add', 'switch', 'type', 'bridge');
    this.#in(first, 'addr', 'add', '10.77.0.1/24', 'dev', 'switch');
    for (const device of ['lo', 'switch']) this.#in(first, 'link', 'set', device, 'up');
    for (const [i, name] of others.entries()) {
      const port = `port${i + 1}`;
      ip('link', 'add', port, 'netns', first, 'type', 'veth', 'peer', 'name', 'cable', 'netns', name);
      this.#in(first, 'link', 'set', port, 'master', 'switch');
      this.#in(first, 'link', 'set', port, 'up');
      this.#in(name, 'addr', 'add', `10.77.0.${i + 2}/24`, 'dev', 'cable');
      for (const device of ['lo', 'cable']) this.#in(name, 'link', 'set', device, 'up');
    }
  }

  /** Returns the command that runs another one on a host. */
  command(host: number, ...command: string[]): [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.#names[host] as string, ...command];
  }

  /** Disconnects the network of a host other than the first, or connects it again. */
  cut(host: number, isCut = true): void {
    this.#in(this.#names[0] as string, 'link', 'set', `port${host}`, isCut ? 'down' : 'up');
  }

  #in(name: string, ...args: string[]): void {
    ip('-n', name, ...args);
  }
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args);
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
