import { Newcomers } from '../../../services/channel/newcomers.js';

describe('Connections that have not introduced themselves', () => {
  function make() {
    const newcomers = new Newcomers<{ destroy(): void }>(10);
    const ended: string[] = [];
    const connection = (name: string) => {
      const made = { destroy: () => ended.push(name) };
      newcomers.add(made);
      return made;
    };
    return { newcomers, ended, connection };
  }

  it('may send a limited number of bytes together', () => {
    const { newcomers, connection } = make();
    const [one, other] = [connection('one'), connection('other')];
    expect([newcomers.sent(one, 6), newcomers.sent(other, 4)]).toEqual([undefined, undefined]);
    expect(newcomers.sent(other, 1)).withContext('which sent less').toBe(one);
    expect(newcomers.sent(other, 5)).toBeUndefined();
    expect(newcomers.sent(other, 1)).toBe(other);
  });

  it('are not limited any more once they have introduced themselves', () => {
    const { newcomers, ended, connection } = make();
    const known = connection('known');
    newcomers.remove(known);
    expect(newcomers.sent(known, 1000)).toBeUndefined();
    for (let checks = 0; checks < 3; checks++) newcomers.check();
    expect(ended).toEqual([]);
  });

  it('are ended at the second check', () => {
    const { newcomers, ended, connection } = make();
    connection('early');
    newcomers.check();
    connection('late');
    expect(ended).toEqual([]);
    newcomers.check();
    expect(ended).toEqual(['early']);
  });
});
