/**
 * What a server's answer means, in plain words: a walk through the
 * catalogue from the most telling row to the least. Deterministic, offline,
 * and plain text search only: a reply is written by a stranger.
 */
import type { ReplyFacts } from '../../core/step.ts';
import { PROVIDERS, type ProviderName } from './providers.table.ts';
import { FLOOR_KEYS, REPLY_ROWS, type ReplyRow, TROUBLES } from './replies.table.ts';
import { type ActionOwner, type Both, SAYINGS, type Saying, type SayingName, TRYING } from './sayings.table.ts';

/** Characters of a reply that are looked at: RFC 5321 §4.5.3.1.5 gives 512 to a line, and some write ten of them. */
const TEXT_LIMIT = 4_096;

export type Explanation = Readonly<{
  /** Row of the catalogue, or `trouble:` and its name. */
  key: string;
  /** Name of the saying: equal for equal causes, whoever said it. */
  saying: SayingName;
  owner: ActionOwner;
  /** Whether trying again by ourselves makes sense. */
  retry: boolean;
  /** Page of the guide. */
  help: string;
  meaning: Both;
  next: Both;
  /** False where only the class of the code was understood. */
  specific: boolean;
}>;

/** What is to be explained: a reply, or the name of a trouble where none came. */
export type Explained = ReplyFacts | string;

/**
 * @param host the server that answered, or '' for our own server's answer to a mail app
 * @param willRetry what was decided, where it is known: a final word at the greeting is tried again elsewhere, a wait that lasted days is not
 */
export function explain(what: Explained, host: string, willRetry?: boolean): Explanation {
  if (typeof what === 'string') return explainTrouble(what, willRetry);
  const question = questionOf(what, host);
  const row = ROWS.find((candidate) => fits(candidate, question));
  const retry = willRetry ?? (what.code >= 400 && what.code < 500);
  const key = row?.row.key ?? 'strange';
  return answer({ key, say: row?.row.say ?? 'strangeAnswer', retry, specific: !FLOOR_KEYS.has(key) });
}

function explainTrouble(name: string, willRetry: boolean | undefined): Explanation {
  const known = Object.hasOwn(TROUBLES, name) ? TROUBLES[name] : undefined;
  if (known === undefined) return answer({ key: `trouble:${name}`, say: 'someWait', retry: willRetry ?? true, specific: false });
  const retry = willRetry ?? known.retry;
  return answer({ key: `trouble:${name}`, say: retry ? known.say : (known.never ?? known.say), retry, specific: true });
}

type Found = Readonly<{ key: string; say: SayingName; retry: boolean; specific: boolean }>;

function answer({ key, say, retry, specific }: Found): Explanation {
  const saying: Saying = SAYINGS[say];
  return {
    key,
    saying: say,
    owner: saying.owner,
    retry,
    help: saying.help,
    meaning: { en: saying.en.meaning, nl: saying.nl.meaning },
    next: { en: nextOf(saying, 'en', retry), nl: nextOf(saying, 'nl', retry) },
    specific,
  };
}

/** The same answer or trouble in other words: who said it changes what it means. */
export function saidAs({ key, retry, specific }: Explanation, say: SayingName): Explanation {
  return answer({ key, say, retry, specific });
}

function nextOf(saying: Saying, language: 'en' | 'nl', retry: boolean): string {
  const words = saying[language];
  return retry ? (words.wait ?? `${TRYING[language]} ${words.next}`) : words.next;
}

// Matching

type Question = Readonly<{
  code: string;
  enhanced: readonly [number, number, number] | undefined;
  text: string;
  at: ReadonlySet<ProviderName>;
  there: boolean;
}>;

type CodeRange = Readonly<{ class: number | undefined; subject: number; from: number; to: number }>;
/** A row with its patterns taken apart once. */
type Prepared = Readonly<{ row: ReplyRow; enhanced: readonly CodeRange[] | undefined; words: readonly (readonly string[])[] | undefined }>;

const ROWS: readonly Prepared[] = REPLY_ROWS.map((row) => ({
  row,
  enhanced: row.enhanced?.map(codeRange),
  words: row.words?.map((word) => word.split('*')),
}));

function codeRange(pattern: string): CodeRange {
  const [kind = '', subject = '', detail = ''] = pattern.split('.');
  const [from = '', to = from] = detail.split('-');
  return { class: kind === 'x' ? undefined : Number(kind), subject: Number(subject), from: Number(from), to: Number(to) };
}

function fits({ row, enhanced, words }: Prepared, question: Question): boolean {
  if (row.there === true && !question.there) return false;
  if (row.at !== undefined && !question.at.has(row.at)) return false;
  if (row.codes !== undefined && !row.codes.some((code) => codeFits(code, question.code))) return false;
  if (enhanced !== undefined && !enhanced.some((range) => rangeFits(range, question.enhanced))) return false;
  return words === undefined || words.some((parts) => stands(parts, question.text));
}

/** `4xx` and `45x` stand for whole groups. */
function codeFits(pattern: string, code: string): boolean {
  const known = pattern.indexOf('x');
  return known < 0 ? pattern === code : code.startsWith(pattern.slice(0, known));
}

function rangeFits(range: CodeRange, code: Question['enhanced']): boolean {
  if (code === undefined || (range.class === undefined ? code[0] === 2 : range.class !== code[0])) return false;
  return range.subject === code[1] && code[2] >= range.from && code[2] <= range.to;
}

/** Whether the parts stand in the text, in this order. */
function stands(parts: readonly string[], text: string): boolean {
  let from = 0;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

function questionOf(reply: ReplyFacts, host: string): Question {
  const text = withoutAddresses(plainText(reply.lines));
  return {
    code: String(reply.code),
    enhanced: codeNumbers(reply.enhanced ?? '') ?? enhancedIn(text),
    text,
    at: providersOf(host, text),
    there: host !== '',
  };
}

/** The lines as one text in lower case, without the codes in front of each and with single spaces. */
function plainText(lines: readonly string[]): string {
  let text = '';
  for (const line of lines) {
    if (text.length >= TEXT_LIMIT) break;
    const start = /^\d{3}[ -]?/.exec(line)?.[0].length ?? 0;
    text += ` ${line.slice(start, start + TEXT_LIMIT)}`;
  }
  return ` ${text
    .slice(0, TEXT_LIMIT)
    .toLowerCase()
    .split(/\s/)
    .filter((word) => word !== '')
    .join(' ')} `;
}

/** SECURITY: a name in an address must not be read as a reason: `<spam@example.org>` is somebody. */
function withoutAddresses(text: string): string {
  return text.includes('@')
    ? text
        .split(' ')
        .map((word) => (word.includes('@') ? (word.startsWith('<') ? '<…>' : '…') : word))
        .join(' ')
    : text;
}

function providersOf(host: string, text: string): ReadonlySet<ProviderName> {
  const name = host.toLowerCase();
  const found = new Set<ProviderName>();
  for (const key of Object.keys(PROVIDERS) as ProviderName[]) {
    const { hosts, marks } = PROVIDERS[key];
    if (hosts.some((ending) => name === ending || name.endsWith(`.${ending}`)) || marks.some((mark) => text.includes(mark))) found.add(key);
  }
  return found;
}

function codeNumbers(code: string): readonly [number, number, number] | undefined {
  const match = /^([245])\.(\d{1,3})\.(\d{1,3})$/.exec(code);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** An enhanced code somewhere in the text (qmail writes `(#5.1.1)` at the end), but no part of an IP address or a version. */
function enhancedIn(text: string): readonly [number, number, number] | undefined {
  const match = /(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)/.exec(text);
  return match === null ? undefined : codeNumbers(match[0]);
}

/**
 * A reply as a person may paste it: `550-5.1.1 No such` and more lines, or all
 * in one. Undefined when there is no reply code in it.
 */
export function readReply(pasted: string): ReplyFacts | undefined {
  const text = pasted.slice(0, TEXT_LIMIT).trim();
  // A no before a yes: reports put the greeting in front of it.
  const start = /(?<![\d.])[45]\d\d(?=[ -]|$)/.exec(text) ?? /(?<![\d.])[23]\d\d(?=[ -]|$)/.exec(text);
  if (start === null) return undefined;
  const body = text.slice(start.index);
  const lines = body.split(/\r?\n/).map((line) => line.trim());
  const code = body.slice(0, 3);
  // QUIRK: reports run the lines of a reply together; each begins with the code again.
  const apart = lines.flatMap((line) => line.split(new RegExp(` (?=${code}[ -])`)));
  const enhanced = enhancedIn(` ${body.slice(3)} `.replace(/^ [-' ]*/, ' '));
  return { code: Number(code), enhanced: enhanced?.join('.') ?? null, lines: apart };
}
