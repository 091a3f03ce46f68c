/** Hands a stored message to the one road: the same door, checks and repairs as for mail apps (origin `jmap`). */
import { CONTENT_LINE_OCTETS, ContentReader } from '../../codec/smtp/dot-unstuffing.ts';
import type { EnvelopeRecipient } from '../../core/envelope.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Message } from '../mailboxes/mailboxes.ts';
import type { Accepted, Caller, Doorkeeper, Incoming, SenderAsk, Transaction } from '../pipeline/pipeline.ts';

export type HandOver = Readonly<{
  caller: Caller;
  message: Pick<Message, 'size' | 'read'>;
  sender: Omit<SenderAsk, 'size'>;
  recipients: readonly EnvelopeRecipient[];
}>;

/** Recipients that were refused, each with why. */
export type BadRecipients = Readonly<{ badRecipients: readonly Readonly<{ address: string; refusal: Refusal }>[] }>;

/** Octets read at once. */
const PIECE_BYTES = 262_144;
const LINE_END = Buffer.from('\r\n');

export async function handOver(
  door: Doorkeeper,
  { caller, message, sender, recipients }: HandOver,
): Promise<Accepted | Refusal | BadRecipients> {
  const transaction = await door.begin('jmap', caller, { ...sender, size: message.size });
  if (isRefusal(transaction)) return transaction;
  const bad = await refusedBy(transaction, recipients);
  if (bad.length === 0) return pour(message, transaction.content(), door.sizeLimit);
  // Sent to all or to none: who is left out would hear of it from nobody.
  transaction.abandon();
  return { badRecipients: bad };
}

async function refusedBy(transaction: Transaction, recipients: readonly EnvelopeRecipient[]): Promise<BadRecipients['badRecipients']> {
  const bad: Readonly<{ address: string; refusal: Refusal }>[] = [];
  for (const recipient of recipients) {
    const refusal = await transaction.recipient(recipient);
    if (refusal !== undefined) bad.push({ address: recipient.address, refusal });
  }
  return bad;
}

/** SECURITY: what was stored by APPEND or import may hold bare line ends, by which mail is smuggled (RFC 5321 §2.3.8). */
async function pour(message: HandOver['message'], incoming: Incoming, sizeLimit: number): Promise<Accepted | Refusal> {
  try {
    const reader = new ContentReader({ form: 'lines', sizeLimit });
    let last: Buffer = LINE_END;
    for (let at = 0; at < message.size && reader.fault === undefined; at += PIECE_BYTES) {
      const piece = await message.read(at, Math.min(message.size, at + PIECE_BYTES));
      reader.read(piece, 0);
      const content = reader.take();
      if (content === undefined) continue;
      last = content;
      await incoming.write(content);
    }
    reader.finish();
    const fault = reader.fault;
    if (fault === undefined) {
      if (last.at(-1) !== LINE_END.at(-1)) await incoming.write(LINE_END);
      return await incoming.finish();
    }
    const refusal = refusalOf(fault, sizeLimit);
    incoming.abort(refusal);
    return refusal;
  } catch (error) {
    incoming.abort();
    throw error;
  }
}

function refusalOf(fault: NonNullable<ContentReader['fault']>, sizeLimit: number): Refusal {
  if (fault === 'tooBig') return refuse('tooBig', { limit: String(sizeLimit) });
  return fault === 'bareLineEnding'
    ? refuse('bareLineEnding')
    : refuse('badMessage', { why: `a line is longer than ${CONTENT_LINE_OCTETS} octets` });
}
