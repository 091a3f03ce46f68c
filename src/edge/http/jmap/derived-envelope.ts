/** The envelope of a message that is sent without one (RFC 8621 §7), worked out from its header. */
import { SetFault } from '../../../codec/jmap/error.ts';
import { parseAddressList } from '../../../codec/mime/address.ts';
import { type Field, headerFields } from '../../../codec/mime/headers.ts';
import type { Address } from '../../../codec/mime/structure.ts';
import { parseMailbox } from '../../../codec/smtp/path.ts';

const RECIPIENTS: readonly string[] = ['to', 'cc', 'bcc'];

/**
 * `from` is null where the header names nobody. Throws a SetFault
 * `invalidEmail` for fields that cannot be read, or name several senders:
 * whoever is left out would not hear of it.
 */
export function derivedEnvelope(header: Buffer): Readonly<{ from: string | null; to: readonly string[] }> {
  const fields = headerFields(header);
  const named = (name: string): readonly string[] => fields.filter((field) => field.name === name).flatMap((field) => read(header, field));
  const sender = single('sender', named('sender')) ?? single('from', named('from'));
  const to = new Map<string, string>();
  for (const email of RECIPIENTS.flatMap(named)) to.set(email.toLowerCase(), to.get(email.toLowerCase()) ?? email);
  return { from: sender ?? null, to: [...to.values()] };
}

function single(name: string, emails: readonly string[]): string | undefined {
  if (emails.length > 1) throw new SetFault({ type: 'invalidEmail', properties: [name] });
  return emails[0];
}

function read(header: Buffer, { name, valueStart, end }: Field): readonly string[] {
  const { addresses, complete } = parseAddressList(header.toString('utf8', valueStart, end));
  if (!complete || addresses.some(({ mailbox, host }) => mailbox === '' && host !== null))
    throw new SetFault({ type: 'invalidEmail', properties: [name] });
  return addresses.flatMap(emailOf);
}

/** Marks of groups are none. A local part that needs quotes gets them back. */
function emailOf({ mailbox, host }: Address): readonly string[] {
  if (mailbox === null || host === null) return [];
  const plain = host === '' ? mailbox : `${mailbox}@${host}`;
  const quoted = `"${mailbox.replace(/["\\]/g, '\\$&')}"@${host}`;
  return [!parseMailbox(plain).ok && parseMailbox(quoted).ok ? quoted : plain];
}
