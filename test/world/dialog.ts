/**
 * Runs conversations written down as text. Each line of a `.dialog` does one
 * thing; a number in front picks one of several conversations (1 without it):
 *
 *   OPEN submission      connects to a listener (mx, submission, submissions, imap, imaps)
 *   C: EHLO me           is said, with CRLF; neighbouring C lines leave in one write (pipelining)
 *   C! half\r\n\x00      is said as it stands, with escapes and without CRLF
 *   S: 250 ... OK        the next line must be this; `...` is anything, /…/ a regular expression whose
 *                        named groups can be used later as ${name}
 *   S* * OK [UIDNEXT...  lines are skipped up to one like this
 *   TLS                  shakes hands
 *   SILENT               nothing more is heard for a moment
 *   CLOSED               the other side has hung up
 *   # …                  a note
 *
 * What was really said stands in the failure, up to the line that differs.
 */
import { readFileSync } from 'node:fs';
import { Talk } from './talk.ts';

export type DialogStep = Readonly<{
  at: number;
  who: number;
  do: 'open' | 'say' | 'raw' | 'hear' | 'skip' | 'tls' | 'silent' | 'closed';
  text: string;
}>;

/** How long silence is listened to. */
const SILENCE_MS = 60;
/** Lines skipped by one `S*`: more is a dialog gone wrong. */
const SKIP_LIMIT = 500;

const FORMS: readonly (readonly [RegExp, DialogStep['do']])[] = [
  [/^OPEN (\S+)$/, 'open'],
  [/^C: ?(.*)$/, 'say'],
  [/^C! (.*)$/, 'raw'],
  [/^S: ?(.*)$/, 'hear'],
  [/^S\* ?(.*)$/, 'skip'],
  [/^(TLS)$/, 'tls'],
  [/^(SILENT)$/, 'silent'],
  [/^(CLOSED)$/, 'closed'],
];

export function readDialog(script: string): DialogStep[] {
  return script.split('\n').flatMap((line, index): DialogStep[] => {
    const [, number, rest = ''] = /^(?:(\d) )?(.*)$/.exec(line) ?? [];
    if (rest === '' || rest.startsWith('#')) return [];
    for (const [form, what] of FORMS) {
      const found = form.exec(rest);
      if (found !== null) return [{ at: index + 1, who: Number(number ?? 1), do: what, text: found[1] ?? '' }];
    }
    throw new Error(`line ${index + 1} is no line of a dialog: ${line}`);
  });
}

export type DialogOptions = Readonly<{
  /** Stands in failures. */
  name: string;
  /** Words for `${…}`. */
  words: Readonly<Record<string, string>>;
  open(door: string): Promise<Talk>;
}>;

export async function playDialog(script: string, options: DialogOptions): Promise<void> {
  const player = new Player(options);
  try {
    await player.play(readDialog(script));
  } finally {
    player.leave();
  }
}

export const playFile = (path: string, options: Omit<DialogOptions, 'name'>): Promise<void> =>
  playDialog(readFileSync(path, 'utf8'), { ...options, name: path });

class Player {
  readonly #options: DialogOptions;
  readonly #words = new Map<string, string>();
  readonly #talks = new Map<number, Talk>();
  /** What was said, for the failure. */
  readonly #heard: string[] = [];
  #unsent = '';

  constructor(options: DialogOptions) {
    this.#options = options;
    for (const [name, word] of Object.entries(options.words)) this.#words.set(name, word);
  }

  async play(steps: readonly DialogStep[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      const next = steps[index + 1];
      await this.#take(step, next !== undefined && next.who === step.who && isSaying(next));
    }
  }

  leave(): void {
    for (const talk of this.#talks.values()) talk.hangUp();
  }

  async #take(step: DialogStep, goesOn: boolean): Promise<void> {
    switch (step.do) {
      case 'open':
        this.#talks.set(step.who, await this.#options.open(this.#filled(step)));
        return;
      case 'say':
      case 'raw':
        return this.#say(step, goesOn);
      case 'hear':
      case 'skip':
        return this.#hear(step);
      case 'tls':
        await this.#talk(step).secure();
        this.#note(step, '… TLS');
        return;
      case 'silent':
        if (!(await this.#talk(step).isSilent(SILENCE_MS))) this.#fail(step, 'silence', await this.#talk(step).line());
        return;
      case 'closed': {
        const line = await this.#talk(step).line();
        if (line !== undefined) this.#fail(step, 'the end of the connection', line);
      }
    }
  }

  #say(step: DialogStep, goesOn: boolean): void {
    const text = this.#filled(step);
    this.#note(step, `C: ${text}`);
    this.#unsent += step.do === 'raw' ? unescaped(text) : `${Buffer.from(text).toString('latin1')}\r\n`;
    if (goesOn) return;
    this.#talk(step).say(Buffer.from(this.#unsent, 'latin1'));
    this.#unsent = '';
  }

  async #hear(step: DialogStep): Promise<void> {
    for (let skipped = 0; ; skipped++) {
      const line = await this.#line(step);
      const found = line === undefined ? null : this.#pattern(step).exec(line);
      if (line === undefined || (found === null && (step.do === 'hear' || skipped >= SKIP_LIMIT))) this.#fail(step, step.text, line);
      this.#note(step, `S: ${line}`);
      if (found === null) continue;
      for (const [name, word] of Object.entries(found.groups ?? {})) this.#words.set(name, word);
      return;
    }
  }

  async #line(step: DialogStep): Promise<string | undefined> {
    try {
      return await this.#talk(step).line();
    } catch (error) {
      return this.#fail(step, step.text, `(${error instanceof Error ? error.message : String(error)})`);
    }
  }

  #pattern(step: DialogStep): RegExp {
    const text = this.#filled(step);
    if (/^\/.*\/$/.test(text)) return new RegExp(text.slice(1, -1));
    const parts = text.split('...').map((part) => RegExp.escape(part));
    return new RegExp(`^${parts.join('.*')}$`);
  }

  #filled({ text, at }: DialogStep): string {
    return text.replaceAll(/\$\{([\w.]+)\}/g, (_, name: string) => {
      const word = this.#words.get(name);
      if (word === undefined) throw new Error(`${this.#options.name}:${at}: nobody knows \${${name}}`);
      return word;
    });
  }

  #talk({ who, at }: DialogStep): Talk {
    const talk = this.#talks.get(who);
    if (talk === undefined) throw new Error(`${this.#options.name}:${at}: conversation ${who} was not opened`);
    return talk;
  }

  #note({ who }: DialogStep, line: string): void {
    this.#heard.push(`${this.#talks.size > 1 ? `${who} ` : ''}${line}`);
  }

  #fail(step: DialogStep, wanted: string, got: string | undefined): never {
    const before = this.#heard.slice(-20).map((line) => `      ${line}`);
    throw new Error(
      [`${this.#options.name}:${step.at}`, ...before, `    - S: ${wanted}`, `    + S: ${got ?? '(the other side hung up)'}`].join('\n'),
    );
  }
}

const isSaying = (step: DialogStep): boolean => step.do === 'say' || step.do === 'raw';

const ESCAPES: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '\\': '\\', 0: '\0' };

/** `\r`, `\n`, `\t`, `\\`, `\0` and `\x41`; one character per octet. */
export function unescaped(text: string): string {
  const octets = Buffer.from(text).toString('latin1');
  return octets.replaceAll(/\\(?:x([0-9a-f]{2})|([rnt\\0]))/gi, (whole, hex: string | undefined, name: string | undefined) =>
    hex === undefined ? (ESCAPES[name ?? ''] ?? whole) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
