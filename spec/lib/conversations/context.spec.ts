import { Context } from '../../../lib/conversations/context.js';

describe('A handler’s context', () => {
  it('has an empty body, and creates its signal on first use', async () => {
    const holder = { contexts: undefined as Set<Context> | undefined };
    const context = new Context(holder);
    for await (const _ of context.body) fail('there is nothing in it');
    expect(holder.contexts).toBeUndefined();
    const { signal } = context;
    expect(holder.contexts?.size).toBe(1);
    context.abort('gone');
    expect([signal.aborted, signal.reason]).toEqual([true, 'gone']);
    context.done();
    expect(holder.contexts?.size).toBe(0);
  });

  it('has an aborted signal if nobody waits any more when it is first used', () => {
    const holder = { contexts: undefined };
    const context = new Context(holder);
    context.abort('gone');
    expect([context.signal.aborted, context.signal.reason]).toEqual([true, 'gone']);
    expect(holder.contexts).toBeUndefined();
  });
});
