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
