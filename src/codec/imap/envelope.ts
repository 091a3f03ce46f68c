/** ENVELOPE as FETCH answers it (RFC 9051 §7.5.2). */
import type { Address, Envelope } from '../mime/structure.ts';
import { nstring } from './encoder.ts';

export function renderEnvelope(envelope: Envelope, utf8: boolean): string {
  const { from } = envelope;
  const people = [from, filled(envelope.sender) ?? from, filled(envelope.replyTo) ?? from, envelope.to, envelope.cc, envelope.bcc];
  const lists = people.map((list) => renderAddresses(list, utf8)).join(' ');
  const [date, subject] = [nstring(envelope.date, utf8), nstring(envelope.subject, utf8)];
  return `(${date} ${subject} ${lists} ${nstring(envelope.inReplyTo, utf8)} ${nstring(envelope.messageId, utf8)})`;
}

const filled = (list: readonly Address[] | null): readonly Address[] | null => (list?.length === 0 ? null : list);

/** Addresses stand without a space between them. */
function renderAddresses(list: readonly Address[] | null, utf8: boolean): string {
  if (list === null || list.length === 0) return 'NIL';
  return `(${list.map((address) => renderAddress(address, utf8)).join('')})`;
}

/** The second field is the source route of RFC 821, which nobody writes any more. */
function renderAddress({ name, mailbox, host }: Address, utf8: boolean): string {
  return `(${nstring(name, utf8)} NIL ${nstring(mailbox, utf8)} ${nstring(host, utf8)})`;
}
