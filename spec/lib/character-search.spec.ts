import { CharacterSearch } from '../../lib/character-search.js';

describe('A search for a character', () => {
  for (const [character, crowd] of [
    ['"', '漢'],
    ['\f', 'ఌ'],
    ['\\', '展'],
    ['§', '\u00a7\u4ea7'],
  ] as const) {
    const name = JSON.stringify(character);

    it(`finds the same ${name} as indexOf, in texts of every script`, () => {
      const search = new CharacterSearch(character);
      for (const filling of [crowd, 'a', 'é', `hello ${crowd}`, '\u{1f600}']) {
        const text = filling.repeat(500);
        const texts = [text, text + character, character + text, text + character + text + character];
        for (const one of [...texts, character, '']) {
          for (const from of [0, 1, text.length, text.length + 1, one.length]) {
            expect(search.indexOf(one, from))
              .withContext(`${filling} ${from}`)
              .toBe(one.indexOf(character, from));
          }
          expect(search.isIn(one)).toBe(one.includes(character));
        }
      }
    });
  }
});
