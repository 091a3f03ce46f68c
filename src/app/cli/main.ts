/**
 * The command line: finds the command, reads its options, runs it, prints the
 * answer. Answers go to stdout, talk to stderr; it never asks anything back.
 */
import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { closest } from '../../lib/closest.ts';
import { type Call, type Command, EXIT, fail, fine, type Io, type Options, type Reply, type Shown } from './command.ts';
import { findCommand, suggest } from './commands.ts';
import { helpAll, helpNoun, helpOne } from './help.ts';
import { locate } from './locate.ts';
import { forTerminal } from './output.ts';

const GLOBAL = {
  data: { type: 'string' },
  config: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

/** Options before the command (`eigenpost --data DIR person list`) that take the next word. */
const TAKES_WORD: ReadonlySet<string> = new Set(['--data', '--config']);

/** @returns the exit code */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const { before, words } = splitLeading(argv);
  const isBold = io.isTerminal && (io.env['NO_COLOR'] ?? '') === '';
  const print = (text: string): void => io.out(forTerminal(text, isBold));
  const say = (sentence: string): void => io.err(forTerminal(`eigenpost: ${sentence.trimEnd()}\n`, false));
  const general = await answerGeneral(before, words);
  if (general !== undefined) {
    if (general.ok) print(general.value);
    else say(general.sentence);
    return general.ok ? EXIT.ok : general.exit;
  }
  const found = findCommand(words);
  if (found === undefined) {
    say(suggest(words));
    return EXIT.usage;
  }
  const read = readOptions(found.command, [...before, ...found.rest]);
  if (!read.ok) {
    say(read.sentence);
    return read.exit;
  }
  const { options, positionals } = read.value;
  if (options['help'] === true) {
    print(helpOne(found.command));
    return EXIT.ok;
  }
  const call = callOf(io, { options, words: positionals, isBold });
  const reply = await found.command.run(call);
  return finish(reply, { call, print, say });
}

type Printing = Readonly<{ call: Call; print: (text: string) => void; say: (sentence: string) => void }>;

function finish(reply: Reply<Shown>, { call, print, say }: Printing): number {
  if (!reply.ok) {
    say(reply.sentence);
    if (call.isJson) call.io.out(`${JSON.stringify({ error: { exit: reply.exit, sentence: reply.sentence } })}\n`);
    return reply.exit;
  }
  const { json, text, exit = EXIT.ok } = reply.value;
  // JSON escapes control characters itself.
  if (call.isJson) call.io.out(`${JSON.stringify(json)}\n`);
  else print(text);
  return exit;
}

function callOf(io: Io, { options, words, isBold }: Readonly<{ options: Options; words: readonly string[]; isBold: boolean }>): Call {
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === 'string' ? value : undefined;
  };
  let client: ReturnType<typeof locate> | undefined;
  return {
    words,
    options,
    // What a command prints as it goes is held to the same rule as its answer.
    io: { ...io, out: (line) => io.out(forTerminal(line, isBold)) },
    talk: (line) => (options['quiet'] === true ? undefined : io.err(forTerminal(line, false))),
    client: () => (client ??= locate(io, { data: text('data'), config: text('config') })),
    isJson: options['json'] === true,
  };
}

/** Help and version need no command. */
async function answerGeneral(before: readonly string[], words: readonly string[]): Promise<Reply<string> | undefined> {
  const [first, ...rest] = words;
  if (first === undefined) {
    const wantsHelp = before.includes('--help') || before.includes('-h');
    if (wantsHelp) return fine(helpAll());
    if (before.includes('--version')) return fine(`${version()}\n`);
    return fail(EXIT.usage, `What should be done?\n\n${helpAll()}`);
  }
  if (first === 'version') return fine(`${version()}\n`);
  if (first === 'help') return help(rest);
  const isNounHelp = findCommand(words) === undefined && (words.includes('--help') || words.includes('-h'));
  return isNounHelp ? help([first]) : undefined;
}

function help(words: readonly string[]): Reply<string> {
  const [noun = ''] = words;
  const found = findCommand(words);
  if (words.length === 0) return fine(helpAll());
  const text = found === undefined ? helpNoun(noun) : helpOne(found.command);
  return text === undefined ? fail(EXIT.usage, suggest(words)) : fine(text);
}

export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
}

function splitLeading(argv: readonly string[]): Readonly<{ before: readonly string[]; words: readonly string[] }> {
  let at = 0;
  while (at < argv.length && (argv[at] ?? '').startsWith('-')) at += TAKES_WORD.has(argv[at] ?? '') ? 2 : 1;
  return { before: argv.slice(0, at), words: argv.slice(at) };
}

type Read = Readonly<{ options: Options; positionals: readonly string[] }>;

function readOptions({ name, options = {}, usage, words: [least, most] }: Command, args: readonly string[]): Reply<Read> {
  const known = { ...GLOBAL, ...options };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: known, allowPositionals: true, strict: true });
    const isHelp = values['help'] === true;
    if (!isHelp && (positionals.length < least || positionals.length > most)) return fail(EXIT.usage, `Usage: eigenpost ${name} ${usage}`);
    return fine({ options: values, positionals });
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    return fail(EXIT.usage, `${optionFault(args, Object.keys(known), error)}\nUsage: eigenpost ${name} ${usage}`);
  }
}

function optionFault(args: readonly string[], known: readonly string[], error: Error): string {
  const typed = args.find((arg) => arg.startsWith('--') && !known.includes(arg.slice(2).split('=', 1)[0] ?? ''));
  if (typed === undefined) {
    const bare = /'(?:-\w, )?(--[a-z-]+)/.exec(error.message)?.[1];
    return bare === undefined ? (error.message.split('\n', 1)[0] ?? error.message) : `${bare} wants a value after it.`;
  }
  const word = typed.slice(2).split('=', 1)[0] ?? '';
  // SECURITY: the first thing people try, and it would stand in the process list and the shell's history.
  if (word === 'password')
    return 'A password on the command line can be read by every user of this machine. Put it in a file: --password-file FILE, or - for stdin.';
  const meant = closest(word, known);
  return `There is no option --${word}.${meant === undefined ? '' : ` Did you mean --${meant}?`}`;
}
