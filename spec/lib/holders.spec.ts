import { hold, holdNothing } from '../../lib/holders.js';
import { freshPath } from '../support/places.js';
import { start } from '../support/processes.js';

describe('What holds packets when the process exits', () => {
  it('is told, also if it begins to hold them only then, and not if it holds none any more', async () => {
    const program = start('spec/fixtures/exit.ts', ['early', freshPath(), '10']);
    expect((await program.exited).code).toBe(0);
    expect(program.stdout.match(/ERR_IPC_UNSENT/g)?.length).toBe(2);
    const closed = start('spec/fixtures/exit.ts', ['destroyed', freshPath(), '10']);
    expect((await closed.exited).code).toBe(0);
    expect(closed.stdout).toBe('');
  });

  it('is not told before', () => {
    const holder = { exiting: jasmine.createSpy() };
    hold(holder);
    holdNothing(holder);
    expect(holder.exiting).not.toHaveBeenCalled();
  });
});
