/** What `eigenpost help` and `--help` say. */
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';

export const GENERAL_OPTIONS = `Everywhere:
  --data DIR      the server with this data folder
  --config FILE   the server with this config (else $EIGENPOST_CONFIG, ./eigenpost.toml, /etc/eigenpost/eigenpost.toml)
  --json          the answer for programs, on stdout
  --quiet         no talk on stderr
  --help          about one command
`;

const EXIT_CODES = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused, 5 server unreachable.
`;

const STARTS: readonly (readonly [string, string])[] = [
  ['demo', 'A small school and an internet to play with, on this machine alone'],
  ['serve', 'Runs the server'],
  ['version', 'Shows the version'],
];

/** A pipe's width, not a terminal's: help is read in both. */
const NAME_WIDTH = 22;

export function helpAll(): string {
  const line = (name: string, summary: string): string => `  ${name.padEnd(NAME_WIDTH)} ${summary}\n`;
  const starts = STARTS.map(([name, summary]) => line(name, summary)).join('');
  const commands = COMMANDS.map(({ name, summary }) => line(name, summary)).join('');
  return `eigenpost COMMAND …\n\n${starts}\n${commands}\n${GENERAL_OPTIONS}\n${EXIT_CODES}\nExample:\n  eigenpost help person add\n`;
}

export function helpOne({ name, usage, summary, example }: Command): string {
  return `eigenpost ${name}${usage === '' ? '' : ` ${usage}`}\n\n${summary}.\n\nExample:\n  ${example}\n\n${GENERAL_OPTIONS}\n${EXIT_CODES}`;
}

export function helpNoun(noun: string): string | undefined {
  const commands = COMMANDS.filter(({ name }) => name.startsWith(`${noun} `));
  if (commands.length === 0) return undefined;
  return `${commands.map(({ name, usage, summary }) => `eigenpost ${name}${usage === '' ? '' : ` ${usage}`}\n    ${summary}.\n`).join('')}\nExample:\n  ${commands[0]?.example}\n`;
}
