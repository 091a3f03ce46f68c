/** New messages: composed from a creation object (RFC 8621 §4.6), or out of octets that were uploaded (§4.8). */
import { blobIdText } from '../../../codec/jmap/blob-id.ts';
import { badProperties, setFault } from '../../../codec/jmap/error.ts';
import { idOf } from '../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import { composeEmail } from './compose-email.ts';
import type { MailboxId } from '../../../core/ids.ts';
import { isRefusal } from '../../../core/refusal.ts';
import type { MailAccount } from '../../../service/mailboxes/mailboxes.ts';
import { openBlob } from './blobs.ts';
import type { Call } from './call.ts';
import { mailboxesNamed } from './email-values.ts';
import { orSetFault } from './phrases.ts';

/** Random octets of a Message-ID. */
const UNIQUE_BYTES = 16;

export async function createEmail(mail: MailAccount, object: JsonObject, call: Call): Promise<JsonObject> {
  const { address } = call.person;
  const composed = await composeEmail(object, {
    now: call.host.clock.now(),
    unique: Buffer.from(call.host.dice.bytes(UNIQUE_BYTES)).toString('hex'),
    domain: address.slice(address.lastIndexOf('@') + 1),
    limit: call.host.messageLimit,
    blob: (id) => openBlob(mail, call.idMeant(id) ?? id),
  });
  return file(mail, composed.pieces, {
    into: mailboxesNamed(composed.mailboxIds, call),
    keywords: composed.keywords,
    receivedAt: composed.receivedAt,
  });
}

export type Filing = Readonly<{ into: readonly MailboxId[]; keywords: readonly string[]; receivedAt: number | null }>;

/** Puts octets into mailboxes as a message; what the server sets is the answer. */
export async function file(mail: MailAccount, pieces: AsyncIterable<Uint8Array>, filing: Filing): Promise<JsonObject> {
  const staging = orSetFault(mail.stage({ flags: 0, keywords: [], receivedAt: filing.receivedAt, size: 0 }));
  try {
    for await (const piece of pieces) await staging.write(piece);
  } catch (error) {
    await staging.abort();
    throw error;
  }
  const staged = orSetFault(await staging.finish());
  const filed = await mail.addEmails([{ staged, into: filing.into, keywords: filing.keywords }]);
  if (isRefusal(filed) && filed.refusal === 'mailboxGone') throw badProperties('mailboxIds');
  const [added] = orSetFault(filed);
  if (added === undefined) throw new Error('a message was added and is not there');
  return {
    id: idOf('email', added.email),
    blobId: blobIdText({ of: 'email', number: added.email }),
    threadId: idOf('thread', added.thread),
    size: added.size,
  };
}

/** The beginning of a message: an optional mbox line, then a field (RFC 5322 §2.2). */
const HEADER = /^(?:>?From [^\r\n]*\r?\n)?[!-9;-~]{1,76}[ \t]*:/;
/** Octets in which it must be seen. */
const HEADER_SEEN = 1_024;

/** The octets of a blob that begins as a message does: `invalidProperties` where there is none, `invalidEmail` for anything else. */
export async function messagePieces(mail: MailAccount, id: string): Promise<AsyncIterable<Uint8Array>> {
  const blob = await openBlob(mail, id);
  if (blob === undefined) throw badProperties('blobId');
  const { value: first } = await blob.pieces().next();
  if (first === undefined || !HEADER.test(first.toString('latin1', 0, HEADER_SEEN))) throw setFault('invalidEmail', 'this is no message');
  return blob.pieces();
}
