import { EventEmitter } from 'node:events';
import { dispatch, type Event } from '../../../services/ipc-server/event.js';

describe('dispatch', () => {
  let emitter: EventEmitter;
  let heard: unknown[];

  beforeEach(() => {
    emitter = new EventEmitter();
    heard = [];
  });

  it('calls listeners in turn, with an event as this', () => {
    emitter.on('x', function (this: Event, ...args) {
      heard.push(this.type, this.target === emitter, this.stopped, ...args);
    } as () => void);
    expect(dispatch(emitter, 'x', [1, 2])).toBeTrue();
    expect(heard).toEqual(['x', true, false, 1, 2]);
    expect(dispatch(emitter, 'y', [])).toBeFalse();
  });

  it('calls no listener after one that has stopped the event', () => {
    emitter.on('x', function (this: Event) {
      this.stopped = true;
    } as unknown as () => void);
    emitter.on('x', () => heard.push('second'));
    dispatch(emitter, 'x', []);
    dispatch(emitter, 'x', []);
    expect(heard).toEqual([]);
  });

  it('calls a one-time listener only with one event, which it can also stop', () => {
    emitter.once('x', function (this: Event, what: unknown) {
      heard.push(what);
      this.stopped = true;
    } as () => void);
    emitter.on('x', () => heard.push('second'));
    dispatch(emitter, 'x', ['first']);
    dispatch(emitter, 'x', ['again']);
    expect(heard).toEqual(['first', 'second']);
  });

  it('keeps a one-time listener that a stopped event did not reach', () => {
    emitter.once('x', function (this: Event) {
      this.stopped = true;
    } as unknown as () => void);
    emitter.once('x', () => heard.push('second'));
    dispatch(emitter, 'x', []);
    dispatch(emitter, 'x', []);
    expect(heard).toEqual(['second']);
  });

  it('throws an error without a listener', () => {
    expect(() => dispatch(emitter, 'error', [new Error('oops')])).toThrowError('oops');
  });
});
