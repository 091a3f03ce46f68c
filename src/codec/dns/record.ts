/**
 * Resource records (RFC 1035 §3.2, RFC 3596, 2782, 6698, 8659): each type's data to
 * a value and back. Types we have no use for, and DNSSEC's (RFC 4034) until
 * dnssec.ts reads them, keep their bytes, which is enough to sign, check and relay them.
 */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';
import { formatIp, parseIp } from '../net/ip.ts';
import { NameWriter, readName } from './name.ts';

/** The types we name. Any other number is carried as `raw`. */
export const TYPE_NUMBERS = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  ANY: 255,
  CAA: 257,
} as const;
export type TypeName = keyof typeof TYPE_NUMBERS;
/** A type by name, or by number as RFC 3597 §5 writes it: "TYPE65". */
export type RecordType = TypeName | `TYPE${number}`;

export type RecordData =
  | Readonly<{ type: 'A' | 'AAAA'; address: string }>
  | Readonly<{ type: 'NS' | 'CNAME' | 'PTR'; target: string }>
  | Readonly<{ type: 'MX'; preference: number; exchange: string }>
  /** One character per octet (latin1): TXT data has no character set. Joined without space it is what SPF and DKIM read. */
  | Readonly<{ type: 'TXT'; strings: readonly string[] }>
  | Readonly<{ type: 'SRV'; priority: number; weight: number; port: number; target: string }>
  | Readonly<{ type: 'TLSA'; usage: number; selector: number; matching: number; association: Buffer }>
  | Readonly<{ type: 'CAA'; flags: number; tag: string; value: string }>
  | Readonly<{
      type: 'SOA';
      primary: string;
      mailbox: string;
      serial: number;
      refresh: number;
      retry: number;
      expire: number;
      minimum: number;
    }>
  | Readonly<{ type: 'raw'; number: number; bytes: Buffer }>;

export type ResourceRecord = Readonly<{ name: string; class: number; ttl: number; data: RecordData }>;

export const CLASS_IN = 1;
/** RFC 2181 §8: a TTL has 31 bits; one with the top bit set counts as zero. */
const TTL_LIMIT = 0x7fffffff;
/** Octets of one character-string (RFC 1035 §3.3). */
export const STRING_LIMIT = 255;

const NAMES = new Map<number, TypeName>(Object.entries(TYPE_NUMBERS).map(([name, number]) => [number, name as TypeName]));

export const typeName = (number: number): RecordType => NAMES.get(number) ?? `TYPE${number}`;

export function typeNumber(type: RecordType): number {
  return Object.hasOwn(TYPE_NUMBERS, type) ? TYPE_NUMBERS[type as TypeName] : Number(type.slice('TYPE'.length));
}

export const dataType = (data: RecordData): RecordType => (data.type === 'raw' ? typeName(data.number) : data.type);

/** A record read, and the offset behind it. */
export type RecordRead = Readonly<{ record: ResourceRecord; next: number }>;

export function readRecord(message: Buffer, start: number): Parsed<RecordRead> {
  const owner = readName(message, start);
  if (!owner.ok) return owner;
  const { name, next: at } = owner.value;
  if (at + 10 > message.length) return unparsed(at, 'the message ends inside a record');
  const number = message.readUInt16BE(at);
  const ttl = message.readUInt32BE(at + 4);
  const dataStart = at + 10;
  const next = dataStart + message.readUInt16BE(at + 8);
  if (next > message.length) return unparsed(at, 'the message ends inside record data');
  const data = readData({ message, start: dataStart, end: next }, number);
  if (!data.ok) return data;
  return parsed({ record: { name, class: message.readUInt16BE(at + 2), ttl: ttl > TTL_LIMIT ? 0 : ttl, data: data.value }, next });
}

type Span = Readonly<{ message: Buffer; start: number; end: number }>;

function readData(span: Span, number: number): Parsed<RecordData> {
  const { message, start, end } = span;
  const type = NAMES.get(number);
  switch (type) {
    case 'A':
    case 'AAAA':
      if (end - start !== (type === 'A' ? 4 : 16)) return unparsed(start, `${type} data has the wrong size`);
      return parsed({ type, address: formatIp({ version: type === 'A' ? 4 : 6, bytes: message.subarray(start, end) }) });
    case 'NS':
    case 'CNAME':
    case 'PTR':
      return readTargets(span, 0, ([target = '']) => ({ type, target }));
    case 'MX':
      return readTargets(span, 2, ([exchange = '']) => ({ type, preference: message.readUInt16BE(start), exchange }));
    case 'SRV':
      return readTargets(span, 6, ([target = '']) => ({
        type,
        priority: message.readUInt16BE(start),
        weight: message.readUInt16BE(start + 2),
        port: message.readUInt16BE(start + 4),
        target,
      }));
    case 'SOA':
      return readSoa(span);
    case 'TXT':
      return readStrings(span);
    case 'TLSA':
      return readTlsa(span);
    case 'CAA':
      return readCaa(span);
    default:
      return parsed({ type: 'raw', number, bytes: Buffer.from(message.subarray(start, end)) });
  }
}

/** Data that is `fixed` octets followed by one name. */
function readTargets({ message, start, end }: Span, fixed: number, build: (names: string[]) => RecordData): Parsed<RecordData> {
  if (start + fixed >= end) return unparsed(start, 'record data is too short');
  const name = readName(message, start + fixed);
  if (!name.ok) return name;
  return name.value.next === end ? parsed(build([name.value.name])) : unparsed(start, 'record data and its name differ in size');
}

function readSoa({ message, start, end }: Span): Parsed<RecordData> {
  const primary = readName(message, start);
  if (!primary.ok) return primary;
  const mailbox = readName(message, primary.value.next);
  if (!mailbox.ok) return mailbox;
  const at = mailbox.value.next;
  if (at + 20 !== end) return unparsed(start, 'SOA data has the wrong size');
  const number = (index: number): number => message.readUInt32BE(at + index * 4);
  const names = { primary: primary.value.name, mailbox: mailbox.value.name };
  return parsed({ type: 'SOA', ...names, serial: number(0), refresh: number(1), retry: number(2), expire: number(3), minimum: number(4) });
}

function readStrings({ message, start, end }: Span): Parsed<RecordData> {
  const strings: string[] = [];
  for (let at = start; at < end; ) {
    const stop = at + 1 + (message[at] ?? 0);
    if (stop > end) return unparsed(at, 'a string is longer than its record');
    strings.push(message.toString('latin1', at + 1, stop));
    at = stop;
  }
  return parsed({ type: 'TXT', strings });
}

function readTlsa({ message, start, end }: Span): Parsed<RecordData> {
  if (end - start < 4) return unparsed(start, 'TLSA data is too short');
  const [usage = 0, selector = 0, matching = 0] = message.subarray(start, start + 3);
  return parsed({ type: 'TLSA', usage, selector, matching, association: Buffer.from(message.subarray(start + 3, end)) });
}

function readCaa({ message, start, end }: Span): Parsed<RecordData> {
  const tagEnd = start + 2 + (message[start + 1] ?? 0);
  if (end - start < 3 || tagEnd > end) return unparsed(start, 'CAA data is too short');
  const [tag, value] = [message.toString('latin1', start + 2, tagEnd), message.toString('latin1', tagEnd, end)];
  return parsed({ type: 'CAA', flags: message[start] ?? 0, tag: tag.toLowerCase(), value });
}

/** A record as bytes that will stand at offset `at` of a message; `names` compresses against what came before. */
export function writeRecord(record: ResourceRecord, at: number, names: NameWriter): Buffer {
  const owner = names.write(record.name, at);
  const data = writeData(record.data, at + owner.length + 10, names);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(typeNumber(dataType(record.data)), 0);
  head.writeUInt16BE(record.class, 2);
  head.writeUInt32BE(record.ttl, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, head, data]);
}

/** The data without compression and in lower case: RFC 4034 §6.2's canonical form for the types named above. */
export function canonicalData(data: RecordData): Buffer {
  return writeData(data, 0, new NameWriter(), false);
}

function writeData(data: RecordData, at: number, names: NameWriter, mayPoint = true): Buffer {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return addressBytes(data.address, data.type === 'A' ? 4 : 6);
    case 'NS':
    case 'CNAME':
    case 'PTR':
      return names.write(data.target, at, mayPoint);
    case 'MX':
      return Buffer.concat([uint16s(data.preference), names.write(data.exchange, at + 2, mayPoint)]);
    case 'SRV':
      return Buffer.concat([uint16s(data.priority, data.weight, data.port), names.write(data.target, at + 6, false)]);
    case 'SOA': {
      const primary = names.write(data.primary, at, mayPoint);
      const mailbox = names.write(data.mailbox, at + primary.length, mayPoint);
      return Buffer.concat([primary, mailbox, uint32s(data.serial, data.refresh, data.retry, data.expire, data.minimum)]);
    }
    case 'TXT':
      return Buffer.concat((data.strings.length > 0 ? data.strings : ['']).map(stringBytes));
    case 'TLSA':
      return Buffer.concat([Buffer.of(data.usage, data.selector, data.matching), data.association]);
    case 'CAA':
      return Buffer.concat([Buffer.of(data.flags), stringBytes(data.tag), Buffer.from(data.value, 'latin1')]);
    case 'raw':
      return data.bytes;
  }
}

function addressBytes(address: string, version: 4 | 6): Buffer {
  const ip = parseIp(address);
  if (!ip.ok || ip.value.version !== version) throw new Error(`not an IPv${version} address: ${address}`);
  return Buffer.from(ip.value.bytes);
}

function stringBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length > STRING_LIMIT) throw new Error('a DNS string has 255 octets at most: split it');
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

const uint16s = (...values: readonly number[]): Buffer => Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 0xff)));

function uint32s(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeUInt32BE(value, at * 4));
  return bytes;
}
