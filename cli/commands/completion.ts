import type { Command } from '../command.js';
import { shells } from '../completion/shells.js';
import { EXIT, UsageError } from '../exit.js';

export const completion: Command = {
  name: 'completion',
  summary: 'prints the completion of commands and options for a shell',
  arguments: 'SHELL',
  count: [1, 1],
  details:
    'SHELL is bash, zsh or fish. The script lists the options of this version: print it again after an update.',
  examples: [
    ['source <(omni-ipc completion bash)', 'in ~/.bashrc'],
    ['source <(omni-ipc completion zsh)', 'in ~/.zshrc, after compinit'],
    ['omni-ipc completion zsh > ~/.zfunc/_omni-ipc', 'instead, with ~/.zfunc in fpath'],
    ['omni-ipc completion fish > ~/.config/fish/completions/omni-ipc.fish', 'for fish'],
  ],
  options: {},
  async run({ positionals: [shell = ''], out, commands }) {
    const write = Object.hasOwn(shells, shell) ? shells[shell as keyof typeof shells] : undefined;
    if (write === undefined)
      throw new UsageError(`There is no completion for ${JSON.stringify(shell)}; it is bash, zsh or fish.`);
    out.line(write(commands));
    return EXIT.ok;
  },
};
