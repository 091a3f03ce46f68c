/** What is kept of a message somebody sent over JMAP (RFC 8621 §7). */
import type { EmailId, JourneyId, QueueItemId, ThreadId } from '../../core/ids.ts';

/** An address with the SMTP parameters it was given, decoded; a parameter without a value is null. */
export type SubmittedAddress = Readonly<{ email: string; parameters: Readonly<Record<string, string | null>> | null }>;
export type SubmittedEnvelope = Readonly<{ mailFrom: SubmittedAddress; rcptTo: readonly SubmittedAddress[] }>;

export type UndoStatus = 'pending' | 'final' | 'canceled';
export type DeliveryStatus = Readonly<{ smtpReply: string; delivered: 'queued' | 'yes' | 'no' | 'unknown' }>;

export type SubmissionRecord = Readonly<{
  identity: number;
  email: EmailId;
  thread: ThreadId;
  envelope: SubmittedEnvelope;
  /** ms */
  sendAt: number;
  journey: JourneyId;
  /** As they were put into the queue. */
  items: readonly QueueItemId[];
  /** Somebody here has it in their mailbox since it was taken. */
  isFiled: boolean;
  undoStatus: UndoStatus;
  /** By recipient, in the order of the envelope: as of when somebody last looked. */
  delivery: readonly DeliveryStatus[];
}>;
export type Submission = Readonly<{ id: number; record: SubmissionRecord }>;

/** There is nothing more to hear of it. */
export const isSettled = ({ undoStatus, delivery }: SubmissionRecord): boolean =>
  undoStatus !== 'pending' && delivery.every(({ delivered }) => delivered !== 'queued');
