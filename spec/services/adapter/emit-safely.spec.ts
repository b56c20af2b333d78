import { EventEmitter } from 'node:events';
import { emitErrorSafely, emitSafely } from '../../../services/adapter/emit-safely.js';

describe('emitSafely', () => {
  it('turns what a listener throws into an uncaught exception, right after', async () => {
    const emitter = new EventEmitter();
    emitter.on('event', (what) => {
      throw new Error(what);
    });
    expect(await uncaught(() => emitSafely(emitter, 'event', 'oops'))).toBe('oops');
  });

  it("passes what a listener throws to those of 'error', if there are any", () => {
    const emitter = new EventEmitter();
    const heard = jasmine.createSpy();
    const thrown = new Error('oops');
    emitter.on('error', heard).on('event', () => {
      throw thrown;
    });
    emitSafely(emitter, 'event');
    expect(heard).toHaveBeenCalledOnceWith(thrown);
  });

  it('turns what a listener of errors throws into an uncaught exception, and does not call it again', async () => {
    const emitter = new EventEmitter();
    const heard = jasmine.createSpy().and.throwError('worse');
    emitter.on('error', heard);
    expect(await uncaught(() => emitSafely(emitter, 'error', new Error('oops')))).toBe('worse');
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('raises an error without a listener, too', async () => {
    expect(await uncaught(() => emitSafely(new EventEmitter(), 'error', new Error('unheard')))).toBe(
      'unheard',
    );
  });
});

describe('emitErrorSafely', () => {
  it('publishes to subscribers, and nothing without any', () => {
    const emitter = new EventEmitter();
    emitErrorSafely(emitter, new Error('unheard'));
    const heard = jasmine.createSpy();
    emitter.on('error', heard);
    emitErrorSafely(emitter, 'error', 'more');
    expect(heard).toHaveBeenCalledOnceWith('error', 'more');
  });
});

/** The message of what surfaces. */
function uncaught(act: () => void): Promise<string> {
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  return new Promise((resolve) => {
    process.once('uncaughtException', (error) => {
      for (const other of others) process.on('uncaughtException', other);
      resolve(error.message);
    });
    act();
  });
}
