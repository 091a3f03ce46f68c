/** Messages by the ids a client gave, in their order, read a page at a time. */
import { numberOf } from '../../../codec/jmap/ids.ts';
import type { EmailId } from '../../../core/ids.ts';
import {
  type IndexedEmail,
  type MailAccount,
  type MailIndex,
  type Message,
  MESSAGES_AT_ONCE,
} from '../../../service/mailboxes/mailboxes.ts';

/** `email` undefined: nothing of that id is here, or not any more. */
export type KnownEmail = Readonly<{ id: string; email: Readonly<{ facts: IndexedEmail; message: Message }> | undefined }>;

/** No message has this id. */
const NOBODY = 0 as EmailId;

export async function* knownEmails(mail: MailAccount, index: MailIndex, ids: readonly string[]): AsyncGenerator<KnownEmail> {
  for (let at = 0; at < ids.length; at += MESSAGES_AT_ONCE) {
    const page = ids.slice(at, at + MESSAGES_AT_ONCE);
    const known = page.map((id) => index.get(numberOf<EmailId>('email', id) ?? NOBODY));
    const wanted = known.flatMap((facts) => facts?.email ?? []);
    const messages = new Map((await mail.emails(wanted)).map((message) => [message.email, message]));
    for (const [row, id] of page.entries()) {
      const facts = known[row];
      const message = facts === undefined ? undefined : messages.get(facts.email);
      yield { id, email: facts === undefined || message === undefined ? undefined : { facts, message } };
    }
  }
}
