import { readFileSync } from 'node:fs';
import { inProject } from '../support/project.js';

const page = readFileSync(inProject('docs', 'events.md'), 'utf8');

/** The first cells of a section's table that are code, with the whole row. */
function rowsOf(heading: string): Map<string, string> {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const rows = (section.split(/^## /m)[0] ?? '').matchAll(/^\| `([^`]+)` \|.*$/gm);
  return new Map([...rows].map(([row, name = '']) => [name, row]));
}

/** The members of an interface, each with its docstring and its parameters. */
function membersOf(file: string, name: string): Map<string, { documented: boolean; parameters: string }> {
  const source = readFileSync(inProject(...file.split('/')), 'utf8');
  const [, body = ''] =
    source.match(new RegExp(`export interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, 's')) ?? [];
  const members = body.matchAll(/(\*\/\n)? {2}'?([\w:.-]+)'?(?:\(([^)]*)\): void|: \{)/g);
  return new Map(
    [...members].map(([, comment, member = '', parameters = '']) => [
      member,
      { documented: comment !== undefined, parameters },
    ]),
  );
}

for (const [heading, file, name] of [
  ['Events of a client', 'entities/events.ts', 'ClientEvents'],
  ['Events of a server', 'entities/events.ts', 'ServerEvents'],
  ['Events of a channel', 'services/channel/events.ts', 'ChannelEvents'],
] as const) {
  describe(`docs/events.md, ${heading}`, () => {
    const rows = rowsOf(heading);
    const members = membersOf(file, name);

    it(`has exactly the events of ${name}`, () => {
      // What a channel's members send without an event is not an event of the channel itself.
      const own = [...rows.keys()].filter((event) => event !== 'message');
      expect(own.sort()).toEqual([...members.keys()].sort());
      expect(own.length).toBeGreaterThan(6);
    });

    it('describes the arguments of a handler whose type has a parameter', () => {
      const wrong = [...members].filter(([event, { parameters }]) => {
        const [, , gets = '', when = ''] = rows.get(event)?.split('|') ?? [];
        const optional = /^where\?/.test(parameters) || /\bnever\b/.test(when);
        return !optional && (gets.trim() === '') !== (parameters === '');
      });
      expect(wrong).toEqual([]);
    });

    it(`has a docstring in ${name} for each of them`, () => {
      expect([...members].filter(([, { documented }]) => !documented)).toEqual([]);
    });
  });
}

describe('docs/events.md, Diagnostics channels', () => {
  const source = readFileSync(inProject('lib', 'observe.ts'), 'utf8');
  const rows = rowsOf('Diagnostics channels');

  it('has exactly the channels that exist, each with a type of its messages', () => {
    const made = [...source.matchAll(/typed\('([^']+)'\)/g)].map(([, name = '']) => name);
    expect([...rows.keys()].sort()).toEqual(made.sort());
    expect([...membersOf('lib/observe.ts', 'DiagnosticsMessages').keys()].sort()).toEqual(made);
  });

  it('has the members of each message', () => {
    for (const [name, row] of rows) {
      const [, fields = ''] =
        source.match(new RegExp(`'${name}': \\{(.*?)\\};?\\n(?=  /\\*\\*|\\})`, 's')) ?? [];
      const typed = [...fields.matchAll(/(?:^|[;{\s])(\w+)\??: /g)].map(([, field = '']) => field);
      const [, , message = ''] = row.split(/(?<!\\)\|/);
      const listed = [...message.matchAll(/[{,] (\w+)/g)].map(([, field = '']) => field);
      expect(listed).withContext(name).toEqual(typed);
    }
  });
});
