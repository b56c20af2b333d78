import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem, type } from 'node:os';

/** Describes the machine of the measurement, without the name of the machine or its owner. */
export function machine(node) {
  return {
    cpu: cpus()[0]?.model ?? 'unknown processor',
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    system: `${type()} ${process.arch}`,
    node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim().slice(1),
    date: new Date().toISOString().slice(0, 10),
  };
}
