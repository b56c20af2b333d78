import type { Endpoint } from '../../../entities/address.js';
import { DatagramPeers } from '../../../lib/pipes/datagram-peers.js';

/** An endpoint as what belongs to it. */
const itself = (endpoint: Endpoint) => endpoint;

describe('The peers of a UDP server', () => {
  it('are registered once and stay the same object', () => {
    const peers = new DatagramPeers(4, itself);
    const one = peers.meet('127.0.0.1', 1);
    const other = peers.meet('127.0.0.1', 2);
    expect(one).toEqual({ address: '127.0.0.1', port: 1, family: 'IPv4' });
    expect(peers.meet('127.0.0.1', 1)).toBe(one);
    expect(peers.meet('127.0.0.1', 1)).toBe(one);
    expect(peers.met).toBe(2);
    expect([...peers.all()]).toEqual([one, other]);
  });

  it('are found by their address, whatever its source', () => {
    const peers = new DatagramPeers(6, itself);
    const peer = peers.meet('::1', 1);
    expect(peers.of(peer)).toBe(peer);
    expect(peers.of({ address: '::1', port: 1 })).toBe(peer);
    expect(peers.of({ address: 'localhost', port: 1 })).toBe(peer);
    expect(peers.of({ address: '::1', port: 2 })).not.toBe(peer);
    expect(peers.met).toBe(2);
  });

  it('do not include addresses with a host name', () => {
    const peers = new DatagramPeers(4, itself);
    expect(peers.of({ address: 'example.org', port: 1 })).toEqual({ address: 'example.org', port: 1 });
    expect([...peers.all()]).toEqual([]);
  });

  it('are forgotten together', () => {
    const peers = new DatagramPeers(4, itself);
    const before = peers.meet('127.0.0.1', 1);
    peers.clear();
    expect([...peers.all()]).toEqual([]);
    expect(peers.meet('127.0.0.1', 1)).not.toBe(before);
    expect(peers.met).toBe(2);
  });

  it('are ten thousand at most; the oldest is forgotten first, and counts as new when it returns', () => {
    const peers = new DatagramPeers(4, itself);
    for (let i = 0; i <= 10_000; i++) peers.meet(`127.1.${i >> 8}.${i & 255}`, 9);
    expect([...peers.all()].length).toBe(10_000);
    expect([...peers.all()][0]?.address).toBe('127.1.0.1');
    expect(peers.met).toBe(10_001);
  });
});
