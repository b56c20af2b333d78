import { setTimeout as pause } from 'node:timers/promises';
import { afterSuite } from './afterwards.js';
import { leftPlaces } from './places.js';

/** The time in milliseconds within which closed resources must be released. */
const grace = Number(process.env.SPEC_GRACE ?? 30_000);

/** Resources that end by themselves or belong to the runner. A spec has left any other resource that keeps the process alive. */
const passing = /^(Timeout|Immediate|TickObject|.*Req(Wrap|Callback|Promise)?|CloseReq)$/;

// Node opens the output streams on first use, which must be before the first count.
void [process.stdout, process.stderr];
let known = resources();

/**
 * Runs the cleanups of an outermost suite, and returns the names of the resources that its specs have left: open handles,
 * running child processes, files.
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
  known = resources(); // so that the next suite does not report them again
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
