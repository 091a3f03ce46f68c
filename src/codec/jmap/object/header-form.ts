/** The parsed forms of a header field (RFC 8621 §4.1.2). */
import { parseAddressList } from '../../mime/address.ts';
import { parseZonedDate, type ZonedDate } from '../../mime/date.ts';
import { formatAddress } from '../../mime/format-address.ts';
import { REFERENCE_LIMIT } from '../../mime/limits.ts';
import { messageIds } from '../../mime/message-id.ts';
import type { Address } from '../../mime/structure.ts';
import type { HeaderForm } from './header-property.ts';
import { headerText } from './header-text.ts';

export type EmailAddress = Readonly<{ name: string | null; email: string }>;
export type EmailAddressGroup = Readonly<{ name: string | null; addresses: readonly EmailAddress[] }>;

/** URLs of one field; lists name two or three. */
const URL_LIMIT = 100;
const MINUTE_MS = 60_000;

/** @param value unfolded and trimmed, encoded words as written; Raw is made of octets elsewhere (headers.ts) */
export function inForm(value: string, form: Exclude<HeaderForm, 'Raw'>): unknown {
  switch (form) {
    case 'Text':
      return headerText(value);
    case 'Addresses':
      return emailAddresses(parseAddressList(value).addresses);
    case 'GroupedAddresses':
      return addressGroups(parseAddressList(value).addresses);
    case 'MessageIds':
      return bareIds(messageIds(value, REFERENCE_LIMIT));
    case 'Date':
      return dateText(value);
    case 'URLs':
      return urls(value);
  }
}

/** Groups and their names left out. */
export function emailAddresses(addresses: readonly Address[]): readonly EmailAddress[] {
  return addresses.flatMap(({ name, mailbox, host }) => (mailbox === null || host === null ? [] : [emailAddress(name, mailbox, host)]));
}

/** Every mailbox is in a group; those in none share one without a name. */
export function addressGroups(addresses: readonly Address[]): readonly EmailAddressGroup[] {
  const groups: { name: string | null; addresses: EmailAddress[] }[] = [];
  let open: { name: string | null; addresses: EmailAddress[] } | undefined;
  for (const { name, mailbox, host } of addresses) {
    if (mailbox === null) open = undefined;
    else if (host === null) groups.push((open = { name: headerText(mailbox), addresses: [] }));
    else {
      if (open === undefined) groups.push((open = { name: null, addresses: [] }));
      open.addresses.push(emailAddress(name, mailbox, host));
    }
  }
  return groups;
}

/** QUIRK: encoded words in quotes are decoded, against RFC 2047 §5: many mailers write names so. */
function emailAddress(name: string | null, mailbox: string, host: string): EmailAddress {
  // Half an address, as in drafts, stays what was typed; a whole one is quoted where its form asks for it.
  const isWhole = mailbox !== '' && host !== '';
  const email = isWhole ? formatAddress({ name: null, mailbox, host }) : host === '' ? mailbox : `@${host}`;
  return { name: name === null ? null : headerText(name.trim()), email: email.toWellFormed() };
}

/** Without their angle brackets; null where there are none. */
export const bareIds = (ids: readonly string[]): readonly string[] | null =>
  ids.length === 0 ? null : ids.map((id) => id.slice(1, -1).toWellFormed());

/** RFC 8620 §1.4 Date, in the zone it was written in. */
export function dateText(value: string): string | null {
  const date = parseZonedDate(value);
  return date === undefined ? null : zonedText(date);
}

function zonedText({ ms, zoneMinutes }: ZonedDate): string | null {
  const local = new Date(ms + zoneMinutes * MINUTE_MS);
  // RFC 8620 §1.4: the year has four digits.
  if (Number.isNaN(local.getTime()) || local.getUTCFullYear() < 0 || local.getUTCFullYear() > 9999) return null;
  const distance = Math.abs(zoneMinutes);
  const offset = `${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(distance / 60))}:${two(distance % 60)}`;
  return local.toISOString().slice(0, 19) + (zoneMinutes === 0 ? 'Z' : offset);
}

const two = (value: number): string => String(value).padStart(2, '0');

/** RFC 2369 §2: URLs in angle brackets with commas between; comments are skipped, and what follows anything else is not read. */
function urls(value: string): readonly string[] | null {
  const found: string[] = [];
  for (let at = afterComments(value, 0); value[at] === '<' && found.length < URL_LIMIT; ) {
    const close = value.indexOf('>', at);
    if (close < 0) break;
    const url = value.slice(at + 1, close).replace(/[ \t\r\n]+/g, '');
    if (url !== '') found.push(url.toWellFormed());
    at = afterComments(value, close + 1);
    if (value[at] !== ',') break;
    at = afterComments(value, at + 1);
  }
  return found.length === 0 ? null : found;
}

/** Behind white space and comments; one left open runs to the end. */
function afterComments(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === '(') depth++;
    else if (character === ')' && depth > 0) depth--;
    else if (character === '\\' && depth > 0) at++;
    else if (depth === 0 && character !== ' ' && character !== '\t') return at;
  }
  return text.length;
}
