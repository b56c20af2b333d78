// @ts-check
/** Makes tables accessible for screen readers and keyboards: every header cell has text, and a scrollable table can get the focus. */

/** @param {import('markdown-it').default} md */
export function accessibleTables(md) {
  md.core.ruler.push('accessible tables', ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      if (token.type === 'table_open') token.attrSet('tabindex', '0');
      if (token.type === 'th_open' && tokens[index + 1]?.content === '') {
        const close = tokens.slice(index).find(({ type }) => type === 'th_close');
        for (const cell of [token, close]) if (cell !== undefined) cell.tag = 'td';
      }
    }
  });
}
