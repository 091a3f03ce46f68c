/**
 * One command line of a client, parsed (RFC 5321 §4.1.1). The verb is told
 * apart first, so that the machine can say "not now" before it looks at
 * arguments; then each verb has its grammar.
 */
import { parseAddressLiteral } from '../net/address-literal.ts';
import { parseDomain } from '../net/domain.ts';
import { type MailParameters, parseMailParameters, parseRcptParameters, type RcptParameters, type SyntaxTrouble } from './parameters.ts';
import { type Mailbox, parseForwardPath, parseReversePath } from './path.ts';

export type Verb =
  | 'EHLO'
  | 'HELO'
  | 'LHLO'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'BDAT'
  | 'RSET'
  | 'NOOP'
  | 'QUIT'
  | 'VRFY'
  | 'EXPN'
  | 'HELP'
  | 'STARTTLS'
  | 'AUTH';

/** How a peer names itself: `odd` is no domain and no literal, which submission clients often are and RFC 5321 §4.1.4 lets pass. */
export type HelloName = Readonly<{ name: string; form: 'domain' | 'literal' | 'odd' }>;
export type MailArguments = Readonly<{ sender: Mailbox | null; parameters: MailParameters }>;
export type RcptArguments = Readonly<{ recipient: Mailbox; parameters: RcptParameters }>;
export type BdatArguments = Readonly<{ octets: number; isLast: boolean }>;
/** `initial` is undefined where none was given; `=` is one of no octets (RFC 4954 §4). */
export type AuthArguments = Readonly<{ mechanism: string; initial: Buffer | undefined }>;

type Read<T> = Readonly<{ ok: true; value: T }> | SyntaxTrouble;

const VERBS: readonly Verb[] = [
  'EHLO',
  'HELO',
  'LHLO',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'RSET',
  'NOOP',
  'QUIT',
  'VRFY',
  'EXPN',
  'HELP',
  'STARTTLS',
  'AUTH',
];
const BY_NAME: ReadonlyMap<string, Verb> = new Map(VERBS.map((verb) => [verb, verb]));

/** RFC 5321 §4.5.3.1.2. */
const HELLO_OCTETS = 255;
/** RFC 4422 §3.1. */
const MECHANISM_NAME = /^[A-Z0-9_-]{1,20}$/;
/** More digits than any chunk that could be taken. */
const BDAT_DIGITS = 15;

/** SECURITY: a browser tricked into talking to us begins with one of these; nothing it says later may count as a command. */
const OTHER_PROTOCOLS = /^(?:GET|POST|PUT|HEAD|OPTIONS|CONNECT|PATCH|DELETE|HOST:|USER-AGENT:|SSH-)/i;
/** Control characters, and what was not UTF-8. */
const UNSAYABLE = /[\u0000-\u001f\u007f-\u009f\ufffd]/;

export const isOtherProtocol = (line: string): boolean => OTHER_PROTOCOLS.test(line);
export const isUnsayable = (line: string): boolean => UNSAYABLE.test(line);

/** What stands for a secret where lines are shown. */
export const SECRET = '********';

/** A command line as it may be kept. Some programs go on with their password after AUTH was refused: then it is no command we know. */
export function withoutSecrets(line: string, verb: Verb | undefined): string {
  if (verb === 'AUTH') return line.replace(/^(\S+ +\S+ ).+$/, `$1${SECRET}`);
  return verb === undefined && /^[A-Za-z0-9+/=]+$/.test(line) ? SECRET : line;
}

/** The verb, and where its arguments begin (behind one space). */
export function verbOf(line: string): Readonly<{ verb: Verb | undefined; rest: number }> {
  const space = line.indexOf(' ');
  const word = space < 0 ? line : line.slice(0, space);
  return { verb: BY_NAME.get(word) ?? BY_NAME.get(word.toUpperCase()), rest: space < 0 ? line.length : space + 1 };
}

export function parseHello(line: string, rest: number): Read<HelloName> {
  const name = line.slice(rest);
  if (name === '' || name.length > HELLO_OCTETS || name.includes(' ')) return trouble(rest, 'the name of your host is expected');
  // RFC 6531 §3.7.1: nobody can know yet whether we understand more than ASCII.
  if (!/^[!-~]+$/.test(name)) return trouble(rest, 'the name of your host is in ASCII');
  if (name.startsWith('[')) return { ok: true, value: { name, form: parseAddressLiteral(name).ok ? 'literal' : 'odd' } };
  return { ok: true, value: { name, form: parseDomain(name).ok ? 'domain' : 'odd' } };
}

export function parseMail(line: string, rest: number): Read<MailArguments> {
  const from = afterColon(line, rest, 'FROM:');
  if (from < 0) return trouble(rest, 'the form is MAIL FROM:<address>');
  const path = parseReversePath(line, from);
  if (!path.ok) return { ...path, code: 501, status: '5.1.7' };
  const parameters = parseMailParameters(line, path.value.end);
  if (!parameters.ok) return parameters;
  return { ok: true, value: { sender: path.value.mailbox, parameters: parameters.value } };
}

export function parseRcpt(line: string, rest: number): Read<RcptArguments> {
  const from = afterColon(line, rest, 'TO:');
  if (from < 0) return trouble(rest, 'the form is RCPT TO:<address>');
  const path = parseForwardPath(line, from);
  if (!path.ok) return { ...path, code: 501, status: '5.1.3' };
  const parameters = parseRcptParameters(line, path.value.end);
  if (!parameters.ok) return parameters;
  if (path.value.mailbox === null) return { ok: false, at: from, why: 'a recipient is needed', code: 501, status: '5.1.3' };
  return { ok: true, value: { recipient: path.value.mailbox, parameters: parameters.value } };
}

/** Where the path begins, or -1. */
function afterColon(line: string, rest: number, word: string): number {
  let at = rest + word.length;
  if (line.slice(rest, at).toUpperCase() !== word) return -1;
  // QUIRK: RFC 5321 §3.3 forbids it, but scripts and old mail programs put a space behind the colon.
  while (line[at] === ' ') at++;
  return at;
}

export function parseBdat(line: string, rest: number): Read<BdatArguments> {
  const match = /^(\d{1,15})( +LAST)?$/i.exec(line.slice(rest, rest + BDAT_DIGITS + 32));
  if (match === null) return trouble(rest, 'the form is BDAT octets [LAST]');
  return { ok: true, value: { octets: Number(match[1]), isLast: match[2] !== undefined } };
}

export function parseAuth(line: string, rest: number): Read<AuthArguments> {
  const words = line.slice(rest).split(' ');
  const mechanism = (words[0] ?? '').toUpperCase();
  if (!MECHANISM_NAME.test(mechanism) || words.length > 2) return trouble(rest, 'the form is AUTH mechanism [initial response]');
  const initial = words[1];
  if (initial === undefined) return { ok: true, value: { mechanism, initial } };
  if (initial === '=') return { ok: true, value: { mechanism, initial: Buffer.alloc(0) } };
  const octets = parseBase64(initial);
  return octets === undefined ? { ...trouble(rest, 'not base64'), status: '5.5.2' } : { ok: true, value: { mechanism, initial: octets } };
}

/** RFC 4954 §4: no character outside the alphabet, padding at the end only. */
export function parseBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}

/** For verbs that take no arguments. */
export function refuseArguments(line: string, rest: number): SyntaxTrouble | undefined {
  return rest < line.length ? trouble(rest, 'no argument is expected here') : undefined;
}

const trouble = (at: number, why: string): SyntaxTrouble => ({ ok: false, at, why, code: 501, status: '5.5.4' });
