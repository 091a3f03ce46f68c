/**
 * Records as zone files and admins write them (RFC 1035 §5.1): "10 mx.example.org".
 * For zones kept as data, and for telling an owner which record to publish.
 */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';
import { parseIp } from '../net/ip.ts';
import { canonicalName, isName } from './name.ts';
import { type RecordData, STRING_LIMIT, type TypeName } from './record.ts';

/** Words of one record's data; TXT counts its strings. */
const WORD_LIMIT = 64;
/** Characters of one record's data: a TXT record near the 64 KiB of RFC 1035 §3.2.1 is nobody's honest work. */
const TEXT_LIMIT = 16_384;

type Word = Readonly<{ text: string; at: number; isQuoted: boolean }>;

export function parseRecordData(type: TypeName, text: string): Parsed<RecordData> {
  if (text.length > TEXT_LIMIT) return unparsed(TEXT_LIMIT, 'record data is too long');
  const words = wordsOf(text);
  if (!words.ok) return words;
  const build = FORMS[type];
  if (build === undefined) return unparsed(0, `${type} data has no text form here`);
  return build(words.value.map((word) => word.text)) ?? unparsed(0, `not the data of a ${type} record`);
}

function wordsOf(text: string): Parsed<Word[]> {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at++;
    if (at >= text.length) return parsed(words);
    const isQuoted = text[at] === '"';
    const start = isQuoted ? at + 1 : at;
    let value = '';
    for (at = start; at < text.length && !(isQuoted ? text[at] === '"' : text[at] === ' ' || text[at] === '\t'); at++) {
      if (text[at] === '\\' && isQuoted) at++;
      value += text[at] ?? '';
    }
    if (isQuoted && text[at] !== '"') return unparsed(start, 'a quotation mark is missing');
    if (isQuoted) at++;
    words.push({ text: value, at: start, isQuoted });
    if (words.length > WORD_LIMIT) return unparsed(at, 'record data has too many words');
  }
}

type Form = (words: readonly string[]) => Parsed<RecordData> | undefined;

const number = (word: string | undefined, limit: number): number | undefined =>
  word !== undefined && /^\d{1,10}$/.test(word) && Number(word) <= limit ? Number(word) : undefined;
const name = (word: string | undefined): string | undefined => (word !== undefined && isName(word) ? canonicalName(word) : undefined);
/** Every word read, or nothing: an undefined anywhere undoes the whole. */
const whole = <T extends readonly unknown[]>(...parts: T): { [K in keyof T]: Exclude<T[K], undefined> } | undefined =>
  parts.includes(undefined) ? undefined : (parts as { [K in keyof T]: Exclude<T[K], undefined> });

const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffffffff;

const address =
  (type: 'A' | 'AAAA'): Form =>
  ([word = '', ...rest]) => {
    const ip = parseIp(word);
    return ip.ok && rest.length === 0 && (ip.value.version === 4) === (type === 'A')
      ? parsed({ type, address: word.toLowerCase() })
      : undefined;
  };

const target =
  (type: 'NS' | 'CNAME' | 'PTR'): Form =>
  (words) => {
    const read = words.length === 1 ? name(words[0]) : undefined;
    return read === undefined ? undefined : parsed({ type, target: read });
  };

const mx: Form = (words) => {
  const read = words.length === 2 ? whole(number(words[0], U16), name(words[1])) : undefined;
  return read && parsed({ type: 'MX', preference: read[0], exchange: read[1] });
};

const srv: Form = (words) => {
  const read = words.length === 4 ? whole(number(words[0], U16), number(words[1], U16), number(words[2], U16), name(words[3])) : undefined;
  return read && parsed({ type: 'SRV', priority: read[0], weight: read[1], port: read[2], target: read[3] });
};

const txt: Form = (words) => (words.length === 0 ? undefined : parsed({ type: 'TXT', strings: words.flatMap(splitString) }));

const tlsa: Form = (words) => {
  const hex = words.slice(3).join('');
  const read = words.length > 3 ? whole(number(words[0], U8), number(words[1], U8), number(words[2], U8)) : undefined;
  if (read === undefined || hex.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(hex)) return undefined;
  return parsed({ type: 'TLSA', usage: read[0], selector: read[1], matching: read[2], association: Buffer.from(hex, 'hex') });
};

const caa: Form = ([flags, tag, value, ...rest]) => {
  const read = rest.length === 0 ? whole(number(flags, U8), tag, value) : undefined;
  return read && /^[a-zA-Z0-9]{1,15}$/.test(read[1])
    ? parsed({ type: 'CAA', flags: read[0], tag: read[1].toLowerCase(), value: read[2] })
    : undefined;
};

const soa: Form = ([primary, mailbox, ...words]) => {
  const names = whole(name(primary), name(mailbox));
  const times = words.length === 5 ? words.map((word) => number(word, U32)) : [undefined];
  if (names === undefined || times.includes(undefined)) return undefined;
  const [serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0] = times;
  return parsed({ type: 'SOA', primary: names[0], mailbox: names[1], serial, refresh, retry, expire, minimum });
};

const FORMS: Partial<Record<TypeName, Form>> = {
  A: address('A'),
  AAAA: address('AAAA'),
  NS: target('NS'),
  CNAME: target('CNAME'),
  PTR: target('PTR'),
  MX: mx,
  SRV: srv,
  TXT: txt,
  TLSA: tlsa,
  CAA: caa,
  SOA: soa,
};

/** Text of any length as the strings of one TXT record. */
export function splitString(text: string): string[] {
  const strings: string[] = [];
  for (let at = 0; at < text.length || at === 0; at += STRING_LIMIT) strings.push(text.slice(at, at + STRING_LIMIT));
  return strings;
}

/** What to type into a zone file behind the type. */
export function formatRecordData(data: RecordData): string {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return data.address;
    case 'NS':
    case 'CNAME':
    case 'PTR':
      return `${data.target}.`;
    case 'MX':
      return `${data.preference} ${data.exchange}.`;
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}.`;
    case 'TXT':
      return data.strings.map(quoted).join(' ');
    case 'TLSA':
      return `${data.usage} ${data.selector} ${data.matching} ${data.association.toString('hex')}`;
    case 'CAA':
      return `${data.flags} ${data.tag} ${quoted(data.value)}`;
    case 'SOA':
      return `${data.primary}. ${data.mailbox}. ${data.serial} ${data.refresh} ${data.retry} ${data.expire} ${data.minimum}`;
    case 'raw':
      return `\\# ${data.bytes.length} ${data.bytes.toString('hex')}`.trimEnd();
  }
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
