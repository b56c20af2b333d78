import { EventEmitter } from 'node:events';
import { PortLink, type PortMessage } from '../../../lib/transports/port-link.js';

describe('The link of a port', () => {
  const message = (end: 'client' | 'server'): PortMessage => ({ 'omni-ipc': end, n: 1, kind: 'x' });

  it('is one for each port, and listens only while it has a listener', () => {
    const port = Object.assign(new EventEmitter(), { postMessage: () => {} });
    const link = PortLink.of(port);
    expect(PortLink.of(port)).toBe(link);
    expect(port.listenerCount('message')).toBe(0);
    const heard: string[] = [];
    const receiver = (name: string) => ({
      message: () => heard.push(name),
      misread: (cause: unknown) => heard.push(`${name} misread ${cause}`),
      closed: () => heard.push('closed'),
    });
    const [server, client] = [receiver('server'), receiver('client')];
    link.attach('server', server);
    link.attach('client', client);
    expect(port.listenerCount('message')).toBe(1);
    port.emit('message', message('client'));
    port.emit('message', { data: message('server') });
    port.emit('message', { other: 1 });
    port.emit('message', null);
    port.emit('messageerror', 'why');
    link.detach('client', client);
    port.emit('message', message('server'));
    link.detach('server', server);
    expect(heard).toEqual(['client', 'server', 'server misread why', 'client misread why', 'server']);
    expect(port.eventNames()).toEqual([]);
  });

  it('listens to a port of a browser, which has no on(), and stops as soon as nobody is left', () => {
    const events: string[] = [];
    class BrowserPort {
      readonly #target = new EventTarget();
      postMessage(): void {}
      addEventListener(type: string, listener: (event: never) => void): void {
        events.push(`+${type}`);
        this.#target.addEventListener(type, listener as never);
      }
      removeEventListener(type: string, listener: (event: never) => void): void {
        events.push(`-${type}`);
        this.#target.removeEventListener(type, listener as never);
      }
      dispatch(event: Event): void {
        this.#target.dispatchEvent(event);
      }
      start(): void {
        events.push('start');
      }
    }
    const port = new BrowserPort();
    const link = PortLink.of(port);
    const misread = new Event('messageerror');
    const closed = new Event('close');
    const happens = () => {
      port.dispatch(new MessageEvent('message', { data: message('server') }));
      for (const event of [misread, closed]) port.dispatch(event);
    };
    const heard: unknown[] = [];
    const receiver = {
      message: (given: unknown) => heard.push(given),
      misread: (cause: unknown) => heard.push(cause),
      closed: () => heard.push('closed'),
    };
    link.attach('server', receiver);
    expect(events).toEqual(['+message', '+messageerror', '+close', 'start']);
    link.detach('server', receiver);
    expect(events.splice(4)).toEqual(['-message', '-messageerror', '-close']);
    happens();
    expect([heard, link.over]).toEqual([[], false]);
    link.attach('server', receiver);
    happens();
    happens();
    expect([heard, link.over]).toEqual([[message('server'), misread, 'closed'], true]);
  });

  it('keeps its receiver when another one leaves, and ignores messages of other shapes', () => {
    const port = Object.assign(new EventEmitter(), { postMessage: () => {} });
    const link = PortLink.of(port);
    const heard: unknown[] = [];
    const receiver = (name: string) => ({
      message: () => heard.push(name),
      misread: () => {},
      closed: () => {},
    });
    const own = receiver('own');
    expect([link.has('server'), link.has('client')]).toEqual([false, false]);
    link.attach('server', own);
    expect([link.has('server'), link.has('client')]).toEqual([true, false]);
    link.detach('server', receiver('another'));
    expect(link.has('server')).toBeTrue();
    for (const change of [{ 'omni-ipc': 'nobody' }, { n: '1' }, { kind: 5 }])
      port.emit('message', { ...message('server'), ...change });
    for (const other of ['text', undefined, { data: 'text' }, { data: null }]) port.emit('message', other);
    expect(heard).toEqual([]);
    port.emit('message', message('server'));
    expect(heard).toEqual(['own']);
    link.detach('server', own);
    expect([link.has('server'), port.eventNames()]).toEqual([false, []]);
  });

  it('posts by postMessage with what to transfer, or else by send, whose failure the end of the channel reports', () => {
    const posted: unknown[][] = [];
    const record = (...args: unknown[]) => posted.push(args) > 0;
    const buffer = new ArrayBuffer(1);
    const worker = PortLink.of(Object.assign(new EventEmitter(), { postMessage: record }) as never);
    worker.post(message('server'), [buffer]);
    worker.post(message('client'));
    const child = PortLink.of(Object.assign(new EventEmitter(), { send: record }) as never);
    child.post(message('server'), [buffer]);
    expect(posted).toEqual([
      [message('server'), [buffer]],
      [message('client'), []],
      [message('server'), jasmine.any(Function)],
    ]);
    expect([worker.bytes, child.bytes]).toEqual([true, false]);
  });

  it('notifies both ends once when the port is closed', () => {
    const port = Object.assign(new EventEmitter(), { send: () => true });
    const closed = jasmine.createSpy();
    const link = PortLink.of(port);
    link.attach('server', { message: () => {}, misread: () => {}, closed });
    link.attach('client', { message: () => {}, misread: () => {}, closed });
    port.emit('disconnect');
    port.emit('exit');
    expect([closed.calls.count(), link.over]).toEqual([2, true]);
  });

  it('sees that the process or thread at the other end was gone before', () => {
    const emitter = () => new EventEmitter();
    const isOver = (port: object) => PortLink.of(Object.assign(emitter(), port)).over;
    expect(isOver({ send: () => false, connected: false })).toBeTrue();
    expect(isOver({ send: () => true, connected: true })).toBeFalse();
    expect(isOver({ postMessage: () => {}, threadId: -1 })).toBeTrue();
    expect(isOver({ postMessage: () => {}, threadId: 1 })).toBeFalse();
    expect(isOver({ postMessage: () => {}, connected: false })).toBeFalse();
  });
});
