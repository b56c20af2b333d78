import { EventEmitter } from 'node:events';
import { tell, tellError } from '../../../services/face/tell.js';

describe('tell', () => {
  it('has what a listener throws surface as an uncaught exception, right after', async () => {
    const emitter = new EventEmitter();
    emitter.on('event', (what) => {
      throw new Error(what);
    });
    expect(await uncaught(() => tell(emitter, 'event', 'oops'))).toBe('oops');
  });

  it('has an error that nobody listens for surface too', async () => {
    expect(await uncaught(() => tell(new EventEmitter(), 'error', new Error('unheard')))).toBe('unheard');
  });
});

describe('tellError', () => {
  it('tells those who listen, and is silent where nobody does', () => {
    const emitter = new EventEmitter();
    tellError(emitter, new Error('unheard'));
    const heard = jasmine.createSpy();
    emitter.on('error', heard);
    tellError(emitter, 'error', 'more');
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
