/**
 * What a submitted message gets on its way out (RFC 6409 §8): the Date,
 * Message-ID and From it lacks; and what it loses: Bcc, and the fields in which
 * mail programs tell of their user's machine. The body is not touched
 * (R-31).
 */
import { type Field, headerFields } from '../../codec/mime/headers.ts';
import { formatDate } from '../../codec/mime/date.ts';
import { parseAddressList } from '../../codec/mime/address.ts';
import { hasOneReading } from '../../codec/mime/one-reading.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';

/** fields that reveal the sender's device, address or program, or recipients meant to stay hidden. */
const REMOVED = new Set([
  'bcc',
  'resent-bcc',
  'return-path',
  'user-agent',
  'x-mailer',
  'x-originating-ip',
  'x-originating-client',
  'x-client-ip',
  'x-mimeole',
  'x-newsreader',
  'x-sender-ip',
]);
/** RFC 5322 §3.6: at most once each. Doubled ones are read differently by different programs, so they are refused. */
const ONCE = new Set(['from', 'sender', 'reply-to', 'to', 'cc', 'subject', 'date', 'message-id', 'in-reply-to', 'references']);

/** the fields that say who speaks. Resent ones are shown by mail programs too (RFC 5322 §3.6.6). */
const SPEAKERS = new Set(['from', 'sender', 'resent-from', 'resent-sender']);

/** Characters of an unreadable field that are shown back. */
const SHOWN_LIMIT = 200;
const BLANK_LINE = Buffer.from('\r\n');

export type RepairAsk = Readonly<{
  /** The header block, its closing blank line included. */
  header: Buffer;
  now: number;
  /** For a missing Message-ID: unique text. */
  unique: string;
  /** Domain of the sender. */
  domain: string;
  /** For a missing From. */
  person: Readonly<{ name: string; address: string }>;
  mayUse(address: string): boolean;
}>;

export function repair(ask: RepairAsk): Buffer | Refusal {
  const fields = headerFields(ask.header);
  // SECURITY: a line that is no field would end the header for some readers and hide a Bcc from us.
  if (!ask.header.subarray(endOfFields(fields)).equals(BLANK_LINE))
    return refuse('badHeader', { line: 'a line that is not a header field' });
  const doubled = firstDoubled(fields);
  if (doubled !== undefined) return refuse('badHeader', { field: doubled });
  const foreign = firstForeignSender(fields, ask);
  if (foreign !== undefined) return refuse('headerFromNotYours', { address: foreign });
  const has = (name: string): boolean => fields.some((field) => field.name === name);
  const added: string[] = [];
  if (!has('from')) added.push(`From: ${phrase(ask.person.name)}<${ask.person.address}>\r\n`);
  if (!has('date')) added.push(`Date: ${formatDate(ask.now)}\r\n`);
  if (!has('message-id')) added.push(`Message-ID: <${ask.unique}@${ask.domain}>\r\n`);
  return Buffer.concat([...kept(ask.header, fields), Buffer.from(added.join('')), ask.header.subarray(endOfFields(fields))]);
}

function firstDoubled(fields: readonly Field[]): string | undefined {
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (ONCE.has(name) && seen.has(name)) return name;
    seen.add(name);
  }
  return undefined;
}

/**
 * every address in the fields that say who speaks must be the sender's
 * own. Gives back the first that is not, or what cannot be read as addresses.
 * SECURITY: what mail programs read differently (a source route, brackets or a
 * comment left open) is not read at all: they might show somebody else.
 */
function firstForeignSender(fields: readonly Field[], ask: RepairAsk): string | undefined {
  for (const field of fields) {
    if (!SPEAKERS.has(field.name)) continue;
    const value = ask.header.toString('utf8', field.valueStart, field.end);
    const { addresses, complete } = parseAddressList(value);
    const named = addresses.filter(({ host }) => host !== null).map(({ mailbox, host }) => `${mailbox ?? ''}@${host ?? ''}`);
    if (!complete || named.length === 0 || !hasOneReading(value)) return value.trim().slice(0, SHOWN_LIMIT);
    const foreign = named.find((address) => !ask.mayUse(address));
    if (foreign !== undefined) return foreign;
  }
  return undefined;
}

function kept(header: Buffer, fields: readonly Field[]): Buffer[] {
  return fields.filter(({ name }) => !REMOVED.has(name)).map((field) => header.subarray(field.nameStart, field.end));
}

const endOfFields = (fields: readonly Field[]): number => fields.at(-1)?.end ?? 0;

/** Only plain ASCII names are put in; the address alone says enough otherwise. */
const phrase = (name: string): string => (/^[\x20-\x7e]+$/.test(name) ? `"${name.replace(/["\\]/g, '')}" ` : '');
