/**
 * DNS messages (RFC 1035 §4) with EDNS(0) (RFC 6891): bytes to a value and back,
 * for asking (adapter/dns) and for answering from zones (the demo and the tests).
 */
import { type Parsed, parsed, unparsed } from '../../lib/parsed.ts';
import { NameWriter, readName } from './name.ts';
import { CLASS_IN, type RecordType, type ResourceRecord, readRecord, TYPE_NUMBERS, typeName, typeNumber, writeRecord } from './record.ts';

/** RFC 1035 §4.1.1, RFC 2136, RFC 6891. */
export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;

export type Question = Readonly<{ name: string; type: RecordType; class: number }>;
export type Edns = Readonly<{ udpSize: number; dnssecOk: boolean; version: number }>;

export type DnsMessage = Readonly<{
  id: number;
  isResponse: boolean;
  opcode: number;
  authoritative: boolean;
  truncated: boolean;
  recursionDesired: boolean;
  recursionAvailable: boolean;
  /** AD: the server says it has validated this (RFC 4035 §3.2.3). Worth what the way to the server is worth. */
  authenticData: boolean;
  checkingDisabled: boolean;
  /** With EDNS the upper eight bits come from the OPT record. */
  rcode: number;
  questions: readonly Question[];
  answers: readonly ResourceRecord[];
  authorities: readonly ResourceRecord[];
  additionals: readonly ResourceRecord[];
  edns: Edns | null;
}>;

const HEADER_BYTES = 12;
/** SECURITY: a message of 64 KiB could name thousands of tiny records; honest answers hold dozens. */
const RECORD_LIMIT = 1000;
/** More than one question is not in use (RFC 9619). */
const QUESTION_LIMIT = 1;
export const MESSAGE_BYTES_LIMIT = 65_535;
/** Without EDNS (RFC 1035 §4.2.1). */
export const PLAIN_UDP_BYTES = 512;
/** What survives common paths unfragmented (DNS flag day 2020). */
export const EDNS_UDP_BYTES = 1232;

const FLAG = { QR: 0x8000, AA: 0x0400, TC: 0x0200, RD: 0x0100, RA: 0x0080, AD: 0x0020, CD: 0x0010 } as const;
const EDNS_DNSSEC_OK = 0x8000;

/** A query for one name. */
export function question(id: number, name: string, type: RecordType): DnsMessage {
  return {
    id,
    isResponse: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    // RFC 6840 §5.7: asking with AD set means we understand the answer's AD.
    authenticData: true,
    checkingDisabled: false,
    rcode: RCODE.NOERROR,
    questions: [{ name, type, class: CLASS_IN }],
    answers: [],
    authorities: [],
    additionals: [],
    edns: { udpSize: EDNS_UDP_BYTES, dnssecOk: false, version: 0 },
  };
}

export function decodeMessage(message: Buffer): Parsed<DnsMessage> {
  if (message.length < HEADER_BYTES) return unparsed(0, 'too short for a DNS message');
  const flags = message.readUInt16BE(2);
  const counts = [6, 8, 10].map((at) => message.readUInt16BE(at));
  if (counts.reduce((sum, count) => sum + count, 0) > RECORD_LIMIT) return unparsed(6, 'too many records');
  const questions = readQuestions(message);
  if (!questions.ok) return questions;
  let at = questions.value.next;
  const sections: ResourceRecord[][] = [];
  for (const count of counts) {
    const section = readSection(message, at, count);
    // A truncated answer may end anywhere; what came before still tells us to ask by TCP.
    if (!section.ok) return section;
    sections.push(section.value.records);
    at = section.value.next;
  }
  const [answers = [], authorities = [], others = []] = sections;
  const opt = others.find(isOpt);
  return parsed({
    id: message.readUInt16BE(0),
    isResponse: (flags & FLAG.QR) !== 0,
    opcode: (flags >> 11) & 0xf,
    authoritative: (flags & FLAG.AA) !== 0,
    truncated: (flags & FLAG.TC) !== 0,
    recursionDesired: (flags & FLAG.RD) !== 0,
    recursionAvailable: (flags & FLAG.RA) !== 0,
    authenticData: (flags & FLAG.AD) !== 0,
    checkingDisabled: (flags & FLAG.CD) !== 0,
    rcode: (flags & 0xf) | (opt === undefined ? 0 : (opt.ttl >>> 24) << 4),
    questions: questions.value.questions,
    answers,
    authorities,
    additionals: others.filter((record) => !isOpt(record)),
    edns: opt === undefined ? null : ednsOf(opt),
  });
}

const isOpt = (record: ResourceRecord): boolean => record.data.type === 'raw' && record.data.number === TYPE_NUMBERS.OPT;

/** RFC 6891 §6.1.3: an OPT record keeps its facts in the class and TTL fields. */
const ednsOf = (opt: ResourceRecord): Edns => ({
  udpSize: Math.max(PLAIN_UDP_BYTES, opt.class),
  dnssecOk: (opt.ttl & EDNS_DNSSEC_OK) !== 0,
  version: (opt.ttl >> 16) & 0xff,
});

function readQuestions(message: Buffer): Parsed<{ questions: Question[]; next: number }> {
  const count = message.readUInt16BE(4);
  if (count > QUESTION_LIMIT) return unparsed(4, 'more than one question');
  const questions: Question[] = [];
  let at = HEADER_BYTES;
  for (let index = 0; index < count; index++) {
    const name = readName(message, at);
    if (!name.ok) return name;
    at = name.value.next;
    if (at + 4 > message.length) return unparsed(at, 'the message ends inside a question');
    questions.push({ name: name.value.name, type: typeName(message.readUInt16BE(at)), class: message.readUInt16BE(at + 2) });
    at += 4;
  }
  return parsed({ questions, next: at });
}

function readSection(message: Buffer, start: number, count: number): Parsed<{ records: ResourceRecord[]; next: number }> {
  const records: ResourceRecord[] = [];
  let at = start;
  for (let index = 0; index < count; index++) {
    const read = readRecord(message, at);
    if (!read.ok) return read;
    records.push(read.value.record);
    at = read.value.next;
  }
  return parsed({ records, next: at });
}

/** The message as bytes. What does not fit into `limit` is left out and TC set (RFC 2181 §9); EDNS always fits. */
export function encodeMessage(message: DnsMessage, limit: number = MESSAGE_BYTES_LIMIT): Buffer {
  const names = new NameWriter();
  const parts: Buffer[] = [Buffer.alloc(HEADER_BYTES)];
  let size = HEADER_BYTES;
  const add = (bytes: Buffer): void => {
    parts.push(bytes);
    size += bytes.length;
  };
  for (const { name, type, class: kind } of message.questions) {
    const tail = Buffer.alloc(4);
    tail.writeUInt16BE(typeNumber(type), 0);
    tail.writeUInt16BE(kind, 2);
    add(Buffer.concat([names.write(name, size), tail]));
  }
  const opt = message.edns === null ? Buffer.alloc(0) : optRecord(message.edns, message.rcode);
  const counts = [0, 0, 0];
  let isCut = message.truncated;
  for (const [section, records] of [message.answers, message.authorities, message.additionals].entries()) {
    for (const record of isCut ? [] : records) {
      const bytes = writeRecord(record, size, names);
      if (size + bytes.length + opt.length > limit) {
        // Additional records are a courtesy: their absence is no truncation.
        isCut ||= section < 2;
        break;
      }
      add(bytes);
      counts[section] = (counts[section] ?? 0) + 1;
    }
  }
  add(opt);
  const bytes = Buffer.concat(parts);
  writeHeader(bytes, { ...message, truncated: isCut }, [
    message.questions.length,
    counts[0],
    counts[1],
    (counts[2] ?? 0) + (opt.length > 0 ? 1 : 0),
  ]);
  return bytes;
}

function writeHeader(bytes: Buffer, message: DnsMessage, counts: readonly (number | undefined)[]): void {
  const flags =
    (message.isResponse ? FLAG.QR : 0) |
    (message.opcode << 11) |
    (message.authoritative ? FLAG.AA : 0) |
    (message.truncated ? FLAG.TC : 0) |
    (message.recursionDesired ? FLAG.RD : 0) |
    (message.recursionAvailable ? FLAG.RA : 0) |
    (message.authenticData ? FLAG.AD : 0) |
    (message.checkingDisabled ? FLAG.CD : 0) |
    (message.rcode & 0xf);
  bytes.writeUInt16BE(message.id, 0);
  bytes.writeUInt16BE(flags, 2);
  counts.forEach((count, index) => bytes.writeUInt16BE(count ?? 0, 4 + index * 2));
}

function optRecord(edns: Edns, rcode: number): Buffer {
  const bytes = Buffer.alloc(11);
  bytes.writeUInt16BE(TYPE_NUMBERS.OPT, 1);
  bytes.writeUInt16BE(edns.udpSize, 3);
  bytes.writeUInt8(rcode >> 4, 5);
  bytes.writeUInt8(edns.version, 6);
  bytes.writeUInt16BE(edns.dnssecOk ? EDNS_DNSSEC_OK : 0, 7);
  return bytes;
}
