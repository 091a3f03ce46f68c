/** Commands that make, rename, remove and subscribe mailboxes (RFC 9051 §6.3.4 to §6.3.8), and NAMESPACE (§6.3.10). */
import { readNothing } from '../../../codec/imap/command/bare.ts';
import { readCreate } from '../../../codec/imap/command/create.ts';
import { readMailboxArgument } from '../../../codec/imap/command/mailbox.ts';
import { readRename } from '../../../codec/imap/command/rename.ts';
import { INBOX, SEPARATOR, whyNotName } from '../../../codec/imap/mailbox-name.ts';
import { isRefusal, type Refusal } from '../../../core/refusal.ts';
import { type Answer, no, ok } from '../answer.ts';
import type { Client } from '../client.ts';
import { phraseRefusal } from '../phrases.ts';
import { row } from '../row.ts';
import { roleOf } from '../special-use.ts';

/** Yes, or the refusal. */
const done = (refusal: Refusal | undefined, text: string): Answer => (refusal === undefined ? ok(text) : phraseRefusal(refusal));

export const create = row({
  name: 'CREATE',
  when: 'member',
  read: readCreate,
  capabilities: ['SPECIAL-USE', 'CREATE-SPECIAL-USE'],
  async run(client, { mailbox, uses }) {
    const why = whyNotName(mailbox);
    if (why !== undefined) return no(why, 'CANNOT');
    if (mailbox === INBOX) return no('INBOX is there already', 'ALREADYEXISTS');
    const role = roleOf(uses);
    if (role === undefined) return no('A mailbox cannot have that use here', 'USEATTR');
    const made = await client.mail.create(mailbox, role);
    return isRefusal(made) ? phraseRefusal(made) : ok('Created');
  },
});

export const remove = row({
  name: 'DELETE',
  when: 'member',
  read: readMailboxArgument,
  async run(client, { mailbox }) {
    const info = client.mailbox(mailbox);
    const refused = await client.mail.remove(mailbox);
    // Whoever deletes the mailbox it has open goes on without one; others are sent away (session.ts).
    if (refused === undefined && info !== undefined && client.view?.mailbox === info.mailbox) leave(client);
    return done(refused, 'Deleted');
  },
});

function leave(client: Client): void {
  client.closeView();
  client.untagged('OK [CLOSED] The mailbox that was open is gone');
}

export const rename = row({
  name: 'RENAME',
  when: 'member',
  read: readRename,
  async run(client, { from, to }) {
    const why = whyNotName(to);
    if (why !== undefined) return no(why, 'CANNOT');
    return done(await client.mail.rename(from, to), 'Renamed');
  },
});

export const subscribe = row({
  name: 'SUBSCRIBE',
  when: 'member',
  read: readMailboxArgument,
  run: async (client, { mailbox }) => done(await client.mail.subscribe(mailbox, true), 'Subscribed'),
});

export const unsubscribe = row({
  name: 'UNSUBSCRIBE',
  when: 'member',
  read: readMailboxArgument,
  run: async (client, { mailbox }) => done(await client.mail.subscribe(mailbox, false), 'Unsubscribed'),
});

export const namespace = row({
  name: 'NAMESPACE',
  when: 'member',
  read: readNothing,
  capabilities: ['NAMESPACE'],
  run(client) {
    client.untagged(`NAMESPACE (("" "${SEPARATOR}")) NIL NIL`);
    return ok('All mailboxes are your own');
  },
});
