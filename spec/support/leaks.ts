import { setTimeout as pause } from 'node:timers/promises';
import { afterSuite } from './afterwards.js';
import { leftPlaces } from './places.js';

/** How long what was closed may take to be gone. */
const grace = 2000;

/** Work that ends by itself, or the runner's own: all else that keeps a process alive was left by a spec. */
const passing = /^(Timeout|Immediate|TickObject|.*Req(Wrap|Callback|Promise)?|CloseReq)$/;

// The output streams are opened when they are first asked for: before the first count, then.
void [process.stdout, process.stderr];
let known = resources();

/**
 * Puts away what an outermost suite's specs shared, and names what they have left: open handles, running
 * children, files.
 */
export async function leftBySuite(): Promise<string[]> {
  const left: string[] = [];
  try {
    await afterSuite();
  } catch (failure) {
    left.push(String(failure));
  }
  const deadline = Date.now() + grace;
  while (news().length > 0 && Date.now() < deadline) await pause(10);
  left.push(...news(), ...leftPlaces());
  known = resources(); // so that the next one is not blamed too
  return left;
}

function news(): string[] {
  const before = [...known];
  return resources().filter((name) => {
    const index = before.indexOf(name);
    if (index >= 0) before.splice(index, 1);
    return index < 0;
  });
}

function resources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => !passing.test(name));
}
