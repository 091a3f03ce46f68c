/** The LIST response (RFC 9051 §7.3.1). */
import { astring } from '../../codec/imap/encoder.ts';
import { SEPARATOR, toWire } from '../../codec/imap/mailbox-name.ts';
import type { MailboxInfo } from '../../service/mailboxes/mailboxes.ts';
import type { Client } from './client.ts';
import { attributeOf } from './special-use.ts';

export type ListMarks = Readonly<{
  isSubscribed?: boolean;
  /** Selection options that mailboxes below satisfy (RFC 9051 §6.3.9.6). */
  childInfo?: readonly string[];
}>;

/** Children and special uses are always told: they cost nothing and save the client a question. */
export function listLine(client: Client, info: MailboxInfo, marks: ListMarks): string {
  const use = attributeOf(info.role);
  const attributes = [info.hasChildren ? '\\HasChildren' : '\\HasNoChildren', ...(use === undefined ? [] : [use])];
  return line(client, info.path, { attributes, marks });
}

/** A name without a mailbox: subscribed once, or a level above one that is. */
export function absentLine(client: Client, name: string, marks: ListMarks & Readonly<{ hasChildren?: boolean }>): string {
  const attributes = marks.hasChildren === true ? ['\\NonExistent', '\\HasChildren'] : ['\\NonExistent'];
  return line(client, name, { attributes, marks });
}

/** LSUB's answer (RFC 3501 §7.2.3). */
export const lsubLine = (client: Client, name: string, attribute: '' | '\\Noselect'): string =>
  `LSUB (${attribute}) "${SEPARATOR}" ${wireName(client, name)}`;

function line(client: Client, name: string, { attributes, marks }: Readonly<{ attributes: readonly string[]; marks: ListMarks }>): string {
  const all = marks.isSubscribed === true ? [...attributes, '\\Subscribed'] : attributes;
  return `LIST (${all.join(' ')}) "${SEPARATOR}" ${wireName(client, name)}${extended(marks.childInfo ?? [])}`;
}

const extended = (childInfo: readonly string[]): string =>
  childInfo.length === 0 ? '' : ` (CHILDINFO (${childInfo.map((option) => `"${option}"`).join(' ')}))`;

/** A mailbox name as this client may read it. */
export const wireName = (client: Client, name: string): string => astring(toWire(name, client.utf8), client.utf8);
