/**
 * Content-Type, Content-Disposition and their parameters (RFC 2045 §5.1,
 * RFC 2183) with the continuations and charsets of RFC 2231, and with the ways
 * real mailers get them wrong.
 */
import { Buffer } from 'node:buffer';
import { decodeCharset } from './charset.ts';
import { decodedHeader } from './encoded-word.ts';
import { trimBlank, withoutControls } from './field-text.ts';
import { hexPair } from './hex.ts';
import { PARAMETER_LIMIT } from './limits.ts';
import type { Disposition, Parameters } from './structure.ts';

export type ContentType = Readonly<{ type: string; subtype: string; parameters: Parameters }>;

/** RFC 2045 §5.2: what a part is that does not say. */
export const PLAIN_TEXT: ContentType = { type: 'text', subtype: 'plain', parameters: { charset: 'us-ascii' } };

const TOKEN = /^[!#-'*+\-.0-9A-Z^-~]+$/i;

/** `type/subtype`, perhaps behind a comment. The classes exclude one another, so this cannot backtrack far. */
const HEAD = /^[ \t]*(?:\([^()]*\)[ \t]*)?([^\s/;()]+)[ \t]*\/[ \t]*([^\s;()]+)/;

/** Undefined when it is no content type: the caller then treats the part as plain text (RFC 2045 §5.2). */
export function parseContentType(text: string): ContentType | undefined {
  const match = HEAD.exec(text);
  const [whole = '', type = '', subtype = ''] = match ?? [];
  if (!TOKEN.test(type) || !TOKEN.test(subtype)) return undefined;
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters: parseParameters(text, whole.length) };
}

/** RFC 2183 §2.8: an unknown kind counts as attachment, so any token is kept. */
export function parseDisposition(text: string): Disposition | undefined {
  const semicolon = text.indexOf(';');
  const kind = withoutComment(semicolon < 0 ? text : text.slice(0, semicolon)).toLowerCase();
  // QUIRK: `filename="x"` alone, or in quotes: the kind is missing, the file name is not.
  if (kind.includes('=')) return { kind: 'attachment', parameters: parseParameters(text, 0) };
  const bare = kind.startsWith('"') && kind.endsWith('"') ? kind.slice(1, -1) : kind;
  if (!TOKEN.test(bare)) return undefined;
  return { kind: bare, parameters: semicolon < 0 ? {} : parseParameters(text, semicolon + 1) };
}

/** RFC 5322 comments may follow a token; one after white space is cut off with all that follows. */
function withoutComment(text: string): string {
  const trimmed = trimBlank(text);
  if (trimmed.startsWith('(')) return trimBlank(trimmed.slice(trimmed.indexOf(')') + 1));
  const open = trimmed.search(/[ \t]\(/);
  return open < 0 ? trimmed : trimBlank(trimmed.slice(0, open));
}

type Raw = { name: string; value: string };

/** All parameters from `start` on, names in lower case, values decoded. The first of two with one name counts. */
export function parseParameters(text: string, start: number): Parameters {
  const plain: Raw[] = [];
  const extended: Raw[] = [];
  for (let at = start, count = 0; at >= 0 && at < text.length && count < PARAMETER_LIMIT; count++) {
    const found = parameterAt(text, at);
    at = found.end;
    if (found.name === '') continue;
    (found.name.includes('*') ? extended : plain).push(found);
  }
  const values: Record<string, string> = {};
  // RFC 2231 forms first: who sends both sends the plain one for old readers.
  if (extended.length > 0) for (const { name, value } of joinExtended(extended)) put(values, name, value);
  for (const { name, value } of plain) put(values, name, isFileName(name) ? decodedHeader(value) : withoutControls(value));
  return values;
}

/** QUIRK: RFC 2047 §5 forbids encoded words in parameters; for file names every mailer writes and reads them. */
const isFileName = (name: string): boolean => name === 'name' || name === 'filename';

function put(values: Record<string, string>, name: string, value: string): void {
  // SECURITY: this one name would replace the object's prototype instead of adding an entry.
  if (name !== '__proto__' && !Object.hasOwn(values, name)) values[name] = value;
}

type Found = Raw & { end: number };

/** One `name=value` and where the next begins. The name is '' when there was none. */
function parameterAt(text: string, start: number): Found {
  let at = start;
  while (at < text.length && ' \t;'.includes(text[at] ?? '')) at++;
  const nameStart = at;
  while (at < text.length && text[at] !== '=' && text[at] !== ';') at++;
  if (text[at] !== '=') return { name: '', value: '', end: at };
  const name = trimBlank(text.slice(nameStart, at)).toLowerCase();
  at++;
  while (text[at] === ' ' || text[at] === '\t') at++;
  if (text[at] === '"') return { name, ...quotedAt(text, at + 1) };
  const semicolon = text.indexOf(';', at);
  const end = semicolon < 0 ? text.length : semicolon;
  const value = withoutComment(text.slice(at, end));
  const blank = isFileName(name) ? -1 : value.search(/[ \t]/);
  // QUIRK: an unquoted file name may hold spaces; in others a space means a forgotten semicolon, `charset=utf-8 format=flowed`.
  return blank < 0 ? { name, value, end } : { name, value: value.slice(0, blank), end: text.indexOf(value, at) + blank };
}

/** A quoted string from behind its opening quote. QUIRK: without a closing quote it runs to the end. */
function quotedAt(text: string, start: number): { value: string; end: number } {
  const pieces: string[] = [];
  let from = start;
  let at = start;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\\' && at + 1 < text.length) {
      pieces.push(text.slice(from, at));
      from = at + 1;
      at++;
    }
    at++;
  }
  pieces.push(text.slice(from, at));
  return { value: pieces.join(''), end: at + 1 };
}

type Segment = Readonly<{ index: number; encoded: boolean; value: string }>;

/** RFC 2231 §3 and §4: `name*`, `name*0`, `name*0*` … put together in the order of their numbers, up to the first gap. */
function joinExtended(raws: readonly Raw[]): Raw[] {
  const byName = new Map<string, Segment[]>();
  for (const { name, value } of raws) {
    const [base = '', ...marks] = name.split('*');
    const encoded = marks.at(-1) === '';
    const number = marks[0] ?? '';
    const index = number === '' ? 0 : /^\d{1,3}$/.test(number) ? Number(number) : -1;
    if (base === '' || index < 0 || marks.length > 2) continue;
    const segments = byName.get(base) ?? [];
    segments.push({ index, encoded, value });
    byName.set(base, segments);
  }
  return [...byName]
    .filter(([, segments]) => segments.some(({ index }) => index === 0))
    .map(([name, segments]) => ({ name, value: joinSegments(name, segments) }));
}

function joinSegments(name: string, segments: readonly Segment[]): string {
  const octets: Buffer[] = [];
  let charset: string | undefined;
  for (let index = 0; index < segments.length; index++) {
    const segment = segments.find((one) => one.index === index);
    if (segment === undefined) break;
    if (!segment.encoded) {
      octets.push(Buffer.from(segment.value, 'utf8'));
      continue;
    }
    const marked = index === 0 ? splitCharset(segment.value) : undefined;
    charset = marked?.charset ?? charset;
    octets.push(percentOctets(marked?.text ?? segment.value));
  }
  const text = decodeCharset(Buffer.concat(octets), charset);
  // QUIRK: some mailers cut an encoded word into RFC 2231 segments.
  return isFileName(name) && charset === undefined ? decodedHeader(text) : withoutControls(text);
}

/** `utf-8'en'text`. QUIRK: the quotes may be missing; then all of it is text. */
function splitCharset(value: string): { charset: string | undefined; text: string } {
  const first = value.indexOf("'");
  const second = first < 0 ? -1 : value.indexOf("'", first + 1);
  if (second < 0) return { charset: undefined, text: value };
  return { charset: value.slice(0, first) || undefined, text: value.slice(second + 1) };
}

function percentOctets(text: string): Buffer {
  const source = Buffer.from(text, 'utf8');
  if (!source.includes(0x25)) return source;
  const out = Buffer.allocUnsafe(source.length);
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    const value = source[at] === 0x25 ? hexPair(source[at + 1], source[at + 2]) : -1;
    if (value >= 0) at += 2;
    out[length++] = value >= 0 ? value : (source[at] ?? 0);
  }
  return out.subarray(0, length);
}
