/** What a command of the command line is, and what it gives back. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { AdminClient } from './client.ts';

/** Documented in `eigenpost help`; scripts rely on them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notFound: 3, refused: 4, unreachable: 5 } as const;
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5;

/** What the person at the keyboard caused is a value, as everywhere. `sentence` goes to stderr. */
export type Reply<T> = Readonly<{ ok: true; value: T }> | Readonly<{ ok: false; exit: ExitCode; sentence: string }>;

/** The answer for a program and for a person. */
export type Shown = Readonly<{ json: unknown; text: string; exit?: ExitCode }>;

export const fine = <T>(value: T): Reply<T> => ({ ok: true, value });
export const fail = (exit: ExitCode, sentence: string): Reply<never> => ({ ok: false, exit, sentence });

/** The world as a command sees it: tests give another one. */
export type Io = Readonly<{
  out: (text: string) => void;
  err: (text: string) => void;
  /** All of stdin, bounded. */
  stdin: () => Promise<Buffer>;
  /** Whether a person looks at stdout. */
  isTerminal: boolean;
  env: Readonly<Record<string, string | undefined>>;
  sleep: (ms: number) => Promise<void>;
}>;

export type Options = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export type Call = Readonly<{
  words: readonly string[];
  options: Options;
  io: Io;
  /** Talk goes to stderr, and not at all with --quiet. */
  talk: (text: string) => void;
  /** Finds the server's socket on first use. */
  client: () => Reply<AdminClient>;
  isJson: boolean;
}>;

export type Command = Readonly<{
  /** `person add`, or one word. */
  name: string;
  /** What follows the name. */
  usage: string;
  summary: string;
  example: string;
  options?: ParseArgsOptionsConfig;
  /** How many words may follow. */
  words: readonly [least: number, most: number];
  run: (call: Call) => Promise<Reply<Shown>> | Reply<Shown>;
}>;

export function textOption({ options }: Call, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export const isSet = ({ options }: Call, name: string): boolean => options[name] === true;

export function listOption({ options }: Call, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
