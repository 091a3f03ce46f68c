/** Every command, and how one is found: a new command is one entry in a file under command/. */
import { closest } from '../../lib/closest.ts';
import type { Command } from './command.ts';
import { aliasCommands } from './command/alias.ts';
import { checkCommands } from './command/check.ts';
import { configCommands } from './command/config.ts';
import { journeyCommands } from './command/journey.ts';
import { organisationCommands } from './command/organisation.ts';
import { personCommands } from './command/person.ts';
import { queueCommands } from './command/queue.ts';
import { statusCommands } from './command/status.ts';

export const COMMANDS: readonly Command[] = [
  ...organisationCommands,
  ...personCommands,
  ...aliasCommands,
  ...queueCommands,
  ...journeyCommands,
  ...statusCommands,
  ...configCommands,
  ...checkCommands,
];

export type Found = Readonly<{ command: Command; rest: readonly string[] }>;

/** The command that the words begin with, and what follows it. */
export function findCommand(words: readonly string[]): Found | undefined {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = COMMANDS.find((candidate) => candidate.name === name);
    if (command !== undefined && words.length >= length) return { command, rest: words.slice(length) };
  }
  return undefined;
}

/** For a name that is none: the verbs of its noun, or what was meant. */
export function suggest(words: readonly string[]): string {
  const [noun = '', second] = words;
  const verb = second?.startsWith('-') === true ? undefined : second;
  const verbs = COMMANDS.filter(({ name }) => name.startsWith(`${noun} `)).map(({ name }) => name.slice(noun.length + 1));
  const typed = `"${noun} ${verb}"`;
  if (verbs.length > 0) {
    const meant = verb === undefined ? undefined : closest(verb, verbs);
    const hint = meant === undefined ? `It has: ${verbs.join(', ')}.` : `Did you mean "${noun} ${meant}"?`;
    return verb === undefined ? `${noun} wants a verb. ${hint}` : `There is no command ${typed}. ${hint}`;
  }
  const nouns = new Set(COMMANDS.map(({ name }) => name.split(' ', 1)[0] ?? ''));
  const meant = closest(noun, [...nouns, 'demo', 'serve', 'help', 'version']);
  return `There is no command "${noun}". ${meant === undefined ? 'See: eigenpost help' : `Did you mean "${meant}"?`}`;
}
