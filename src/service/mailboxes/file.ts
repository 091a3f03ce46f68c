/** The command that puts a message into mailboxes: for the pipeline, and for appended messages. */
import { messageIds } from '../../codec/mime/message-id.ts';
import type { MessageStructure } from '../../codec/mime/structure.ts';
import type { BodySource, Command, Placement } from '../../core/command.ts';
import type { AccountId, EmailId, ThreadId } from '../../core/ids.ts';
import type { OwnerKey } from '../../core/ports/keyring.ts';
import { hashId } from './hash-id.ts';
import { sealMeta } from './meta.ts';

export type EmailToFile = Readonly<{
  account: AccountId;
  key: OwnerKey;
  email: EmailId;
  /** Without it: threadOf. */
  thread?: ThreadId;
  body: BodySource;
  bodyKey: Uint8Array;
  /** Octets of the plain message. */
  size: number;
  receivedAt: number;
  structure: MessageStructure;
  into: readonly Placement[];
}>;

export function addEmailCommand(what: EmailToFile): Extract<Command, { do: 'addEmail' }> {
  const { email, body, size, receivedAt, into } = what;
  const thread = what.thread ?? threadOf(what.key, what.structure, email);
  return { do: 'addEmail', email, thread, body, size, receivedAt, meta: sealMeta(what.key, what), into };
}

/**
 * Which conversation a message belongs to: a keyed hash of the message id that
 * began it, so that replies join without a look-up and the store cannot tell
 * whose letters answer whose. The first of References is the beginning of the
 * conversation (RFC 5322 §3.6.4); a reply without References joins what it
 * answers. Cheap on purpose: threads whose mailers cut References short fall
 * apart here, and JMAP (RFC 8621 §3) may join them again when it reads.
 */
export function threadOf(key: OwnerKey, structure: MessageStructure, email: EmailId): ThreadId {
  const { envelope, references } = structure;
  const beginning = references[0] ?? firstId(envelope.inReplyTo) ?? firstId(envelope.messageId);
  // Without any id it is a conversation of its own, and its own id does for that: it meets a hash as rarely as two hashes meet.
  const thread: number = beginning === undefined ? email : hashId(key, beginning, 'thread');
  return thread as ThreadId;
}

const firstId = (field: string | null): string | undefined => (field === null ? undefined : messageIds(field, 1)[0]);
