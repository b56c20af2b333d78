import { getEventListeners } from 'node:events';
import { offAbort, onAbort } from '../../../lib/conversations/aborts.js';

describe('Those that wait for a signal', () => {
  let controller: AbortController;
  let called: string[];
  const one = () => called.push('one');
  const other = () => called.push('other');
  const listeners = () => getEventListeners(controller.signal, 'abort').length;

  beforeEach(() => {
    controller = new AbortController();
    called = [];
  });

  it('share one listener, and are called once', () => {
    for (const callback of [one, other, one]) onAbort(controller.signal, callback);
    expect(listeners()).toBe(1);
    controller.abort();
    controller.abort();
    expect(called).toEqual(['one', 'other']);
    expect(listeners()).toBe(0);
  });

  it('may leave, and the last one removes the listener', () => {
    onAbort(controller.signal, one);
    onAbort(controller.signal, other);
    offAbort(controller.signal, one);
    expect(listeners()).toBe(1);
    offAbort(controller.signal, other);
    offAbort(controller.signal, other);
    expect(listeners()).toBe(0);
    onAbort(controller.signal, one);
    controller.abort();
    expect(called).toEqual(['one']);
  });

  it('are all called when it is aborted, also if one leaves meanwhile', () => {
    onAbort(controller.signal, () => {
      one();
      offAbort(controller.signal, other);
    });
    onAbort(controller.signal, other);
    controller.abort();
    expect(called).toEqual(['one', 'other']);
    offAbort(controller.signal, one);
    expect(listeners()).toBe(0);
  });

  it('are called for their own signal only', () => {
    const another = new AbortController();
    onAbort(controller.signal, one);
    onAbort(another.signal, other);
    another.abort();
    expect(called).toEqual(['other']);
  });
});
