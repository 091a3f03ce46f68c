/**
 * The machine-readable part of a delivery report (RFC 3464 §2): what happened to
 * each recipient, as fields. RFC 6533 §4.1 lets them hold UTF-8; where the way
 * back cannot carry that, addresses are written in its 7-bit form.
 */
import { formatDate, parseDate } from '../mime/date.ts';
import { isAscii } from '../net/idna.ts';

export type DsnAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

export type DsnRecipient = Readonly<{
  /** ORCPT as given, decoded: "rfc822;someone@example.org". */
  originalRecipient?: string;
  finalRecipient: string;
  action: DsnAction;
  /** RFC 3463: "5.1.1". */
  status: string;
  remoteMta?: string;
  /** The other server's words, one item a line, code included. */
  diagnostic?: readonly string[];
  /** Milliseconds since 1970, as all times here. */
  lastAttemptAt?: number;
  finalLogId?: string;
  willRetryUntil?: number;
}>;

export type DsnFacts = Readonly<{
  reportingMta: string;
  /** ENVID as given, decoded. */
  originalEnvelopeId?: string;
  receivedFromMta?: string;
  arrivedAt?: number;
  recipients: readonly DsnRecipient[];
}>;

/** Characters of one line of a diagnostic; the rest is in the journey. RFC 5322 §2.1.1 forbids lines past 998. */
const DIAGNOSTIC_LINE_LIMIT = 900;
/** Lines of one diagnostic. */
const DIAGNOSTIC_LINES_LIMIT = 20;

/** SECURITY: other servers' words and peers' names must not begin a field or a line of their own. */
const clean = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

export function formatDsnFields(facts: DsnFacts, mayUseUtf8: boolean): string {
  const groups = [messageFields(facts), ...facts.recipients.map((recipient) => recipientFields(recipient, mayUseUtf8))];
  const text = groups.map((fields) => `${fields.join('\r\n')}\r\n`).join('\r\n');
  return mayUseUtf8 ? text : text.replace(/[^\p{ASCII}]/gu, '?');
}

function messageFields({ reportingMta, originalEnvelopeId, receivedFromMta, arrivedAt }: DsnFacts): string[] {
  const fields: string[] = [];
  if (originalEnvelopeId !== undefined) fields.push(`Original-Envelope-Id: ${clean(originalEnvelopeId)}`);
  fields.push(`Reporting-MTA: dns; ${clean(reportingMta)}`);
  if (receivedFromMta !== undefined) fields.push(`Received-From-MTA: dns; ${clean(receivedFromMta)}`);
  if (arrivedAt !== undefined) fields.push(`Arrival-Date: ${formatDate(arrivedAt)}`);
  return fields;
}

function recipientFields(recipient: DsnRecipient, mayUseUtf8: boolean): string[] {
  const { originalRecipient, finalRecipient, action, status, remoteMta, diagnostic, lastAttemptAt, finalLogId, willRetryUntil } = recipient;
  const fields: string[] = [];
  if (originalRecipient !== undefined) fields.push(`Original-Recipient: ${typedAddress(originalRecipient, mayUseUtf8)}`);
  const type = isAscii(finalRecipient) ? 'rfc822' : 'utf-8';
  fields.push(`Final-Recipient: ${typedAddress(`${type};${finalRecipient}`, mayUseUtf8)}`, `Action: ${action}`, `Status: ${clean(status)}`);
  if (remoteMta !== undefined) fields.push(`Remote-MTA: dns; ${clean(remoteMta)}`);
  if (diagnostic !== undefined && diagnostic.length > 0) fields.push(`Diagnostic-Code: smtp; ${diagnosticText(diagnostic)}`);
  if (lastAttemptAt !== undefined) fields.push(`Last-Attempt-Date: ${formatDate(lastAttemptAt)}`);
  if (finalLogId !== undefined) fields.push(`Final-Log-ID: ${clean(finalLogId)}`);
  if (willRetryUntil !== undefined && action === 'delayed') fields.push(`Will-Retry-Until: ${formatDate(willRetryUntil)}`);
  return fields;
}

function diagnosticText(lines: readonly string[]): string {
  return lines
    .slice(0, DIAGNOSTIC_LINES_LIMIT)
    .map((line) => clean(line).slice(0, DIAGNOSTIC_LINE_LIMIT).toWellFormed())
    .filter((line) => line !== '')
    .join('\r\n ');
}

/** "type;address" as a field. RFC 6533 §3: utf-8 addresses are plain in UTF-8 and `\x{…}` elsewhere. */
function typedAddress(value: string, mayUseUtf8: boolean): string {
  const semicolon = value.indexOf(';');
  const type = semicolon < 0 ? 'rfc822' : clean(value.slice(0, semicolon));
  const address = clean(value.slice(semicolon + 1));
  if (type.toLowerCase() !== 'utf-8') return `${type}; ${address}`;
  return `${type}; ${mayUseUtf8 ? unitextDecoded(address) : unitextEncoded(address)}`;
}

function unitextEncoded(address: string): string {
  if (address.includes('\\x{')) return address;
  return address.replace(/[^\p{ASCII}]|[\\+=]/gu, (character) => `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}

/** Undecodable text stays as it is, as RFC 6533 §3 wants. */
export function unitextDecoded(address: string): string {
  return address.replace(/\\x\{([0-9A-F]{2,6})\}/g, (whole, hex: string) => {
    const point = Number.parseInt(hex, 16);
    const isCharacter = point > 0x1f && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff) && !(point >= 0x7f && point <= 0x9f);
    return isCharacter ? String.fromCodePoint(point) : whole;
  });
}

/** Recipients a report may tell of; the longest envelopes hold a thousand. */
const RECIPIENT_LIMIT = 1000;
const ACTIONS: readonly string[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] satisfies DsnAction[];

/** Reads the fields back, tolerant of what other servers leave out; undefined when it tells of no recipient. */
export function parseDsnFields(text: string): DsnFacts | undefined {
  const groups = text.split(/\r?\n[ \t]*\r?\n/, RECIPIENT_LIMIT + 1).map(fieldsOf);
  const [message, ...rest] = groups.filter((fields) => fields.size > 0);
  const recipients = rest.map(recipientOf).filter((recipient) => recipient !== undefined);
  if (message === undefined || recipients.length === 0) return undefined;
  return {
    reportingMta: afterType(message.get('reporting-mta')) ?? '',
    ...optional('originalEnvelopeId', message.get('original-envelope-id')),
    ...optional('receivedFromMta', afterType(message.get('received-from-mta'))),
    ...optional('arrivedAt', dateOf(message.get('arrival-date'))),
    recipients,
  };
}

/** Unfolded fields by lower-case name; the folds of a value are kept as LF. */
function fieldsOf(group: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of group.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (line.startsWith(' ') || line.startsWith('\t')) fields.set(name, `${fields.get(name) ?? ''}\n${line.trim()}`);
    else if (colon > 0) {
      name = line.slice(0, colon).trim().toLowerCase();
      fields.set(name, line.slice(colon + 1).trim());
    }
  }
  fields.delete('');
  return fields;
}

function recipientOf(fields: ReadonlyMap<string, string>): DsnRecipient | undefined {
  const finalRecipient = fields.get('final-recipient');
  const action = fields.get('action')?.split(/[\s(]/, 1)[0]?.toLowerCase() ?? '';
  if (finalRecipient === undefined || !ACTIONS.includes(action)) return undefined;
  return {
    ...optional('originalRecipient', fields.get('original-recipient')?.replace(/;\s+/, ';')),
    finalRecipient: unitextDecoded(afterType(finalRecipient) ?? ''),
    action: action as DsnAction,
    status: fields.get('status')?.split(/[\s(]/, 1)[0] ?? '',
    ...optional('remoteMta', afterType(fields.get('remote-mta'))),
    ...optional('diagnostic', afterType(fields.get('diagnostic-code'))?.split('\n')),
    ...optional('lastAttemptAt', dateOf(fields.get('last-attempt-date'))),
    ...optional('finalLogId', fields.get('final-log-id')),
    ...optional('willRetryUntil', dateOf(fields.get('will-retry-until'))),
  };
}

const dateOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDate(text));
const afterType = (text: string | undefined): string | undefined => text?.slice(text.indexOf(';') + 1).trim();
const optional = <K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } =>
  value === undefined ? {} : ({ [key]: value } as { [P in K]: T });
