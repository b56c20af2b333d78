import type { Command, Option } from '../command.js';
import { COMMON } from '../help.js';

type Write = (commands: readonly Command[]) => string;

/** The completion script of each supported shell. */
export const shells: Readonly<Record<'bash' | 'zsh' | 'fish', Write>> = { bash, zsh, fish };

const ROOT = ['--help', '--version'];

function optionsOf(command: Command): [string, Option][] {
  return Object.entries({ ...command.options, ...COMMON });
}

/** Puts a text in single quotes, in a form that all supported shells accept. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`;
}

/** The values that a command's positional arguments may have, if there are only a few. */
function wordsOf({ name }: Command): readonly string[] | undefined {
  return name === 'completion' ? Object.keys(shells) : undefined;
}

/** The command that the program handles itself. */
const HELP = { name: 'help', summary: 'shows the help of a command' };

function isFile({ value }: Option): boolean {
  return value === 'FILE' || value === 'DIR';
}

function bash(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name);
  const cases = commands.map((command) => {
    const options = optionsOf(command).map(([name]) => `--${name}`);
    return `    ${command.name}) words=${quoted(options.join(' '))} ;;`;
  });
  const every = new Map(commands.flatMap(optionsOf));
  const byKind = (fits: (option: Option) => boolean) =>
    [...every].filter(([, option]) => option.type === 'string' && fits(option)).map(([name]) => `--${name}`);
  const chosen = [...every].filter(([, option]) => option.choices !== undefined);
  const choices = chosen.map(
    ([name, { choices: words = [] }]) =>
      `    --${name}) COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur")); return ;;`,
  );
  const files = byKind(isFile);
  const others = byKind((option) => option.choices === undefined && !isFile(option));
  return `# bash completion of omni-ipc
_omni_ipc() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words=
  COMPREPLY=()
  if [ "$cur" = = ]; then cur=; elif [ "$prev" = = ]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted([...names, HELP.name, ...ROOT].join(' '))} -- "$cur"))
    return
  fi
  case $prev in
${choices.join('\n')}
    ${files.join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    ${others.join('|')}) return ;;
    ${HELP.name}) COMPREPLY=($(compgen -W ${quoted(names.join(' '))} -- "$cur")); return ;;
    completion) COMPREPLY=($(compgen -W ${quoted(Object.keys(shells).join(' '))} -- "$cur")); return ;;
  esac
  case $command in
${cases.join('\n')}
  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -F _omni_ipc omni-ipc`;
}

function zsh(commands: readonly Command[]): string {
  const list = commands.map(
    ({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', ' -')}`)}`,
  );
  const cases = commands.map((command) => {
    const specs = optionsOf(command).map(([name, option]) => {
      const about = option.description.replace(/[[\]:\\]/g, '\\$&');
      const action = option.choices ? `(${option.choices.join(' ')})` : isFile(option) ? '_files' : ' ';
      const repeat = option.multiple ? '*' : '';
      const value = option.type === 'string' ? `:${option.value ?? 'TEXT'}:${action}` : '';
      return `      ${quoted(`${repeat}--${name}[${about}]${value}`)}`;
    });
    const words = wordsOf(command);
    const rest = words === undefined ? "'*:argument:_files'" : quoted(`*:argument:(${words.join(' ')})`);
    return `    ${command.name}) _arguments \\\n${specs.join(' \\\n')} \\\n      ${rest} ;;`;
  });
  return `#compdef omni-ipc
_omni_ipc() {
  local -a commands
  commands=(
${list.join('\n')}
    '${HELP.name}:${HELP.summary}'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
    ${HELP.name}) _arguments ${quoted(`*:command:(${commands.map(({ name }) => name).join(' ')})`)} ;;
  esac
}
if [[ $funcstack[1] == _omni_ipc ]]; then _omni_ipc "$@"; else compdef _omni_ipc omni-ipc; fi`;
}

function fish(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const lines = [
    '# fish completion of omni-ipc',
    'complete -c omni-ipc -f',
    `complete -c omni-ipc -n __fish_use_subcommand -a ${HELP.name} -d ${quoted(HELP.summary)}`,
    'complete -c omni-ipc -n __fish_use_subcommand -l version',
    'complete -c omni-ipc -n __fish_use_subcommand -l help -s h',
    `complete -c omni-ipc -n '__fish_seen_subcommand_from ${HELP.name}' -a ${quoted(names)}`,
  ];
  for (const command of commands) {
    lines.push(
      `complete -c omni-ipc -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.summary)}`,
    );
    const words = wordsOf(command);
    const rest = words === undefined ? '-F' : `-a ${quoted(words.join(' '))}`;
    lines.push(`complete -c omni-ipc -n '__fish_seen_subcommand_from ${command.name}' ${rest}`);
    for (const [name, option] of optionsOf(command)) {
      const short = option.short ? ` -s ${option.short}` : '';
      const value = option.choices
        ? ` -x -a ${quoted(option.choices.join(' '))}`
        : isFile(option)
          ? ' -r -F'
          : option.type === 'string'
            ? ' -x'
            : '';
      lines.push(
        `complete -c omni-ipc -n '__fish_seen_subcommand_from ${command.name}' -l ${name}${short}${value} -d ${quoted(option.description)}`,
      );
    }
  }
  return lines.join('\n');
}
