/** How a message that was sent stands, as JMAP tells it (RFC 8621 §7), worked out from its journey. */
import type { ReplyFacts, Step } from '../../core/step.ts';
import type { Journey, RecipientState } from '../journey/journey.ts';
import { withALabel } from '../pipeline/pipeline.ts';
import type { DeliveryStatus, SubmissionRecord, UndoStatus } from './submission.ts';

/** Characters of a reply that are kept. */
const REPLY_LIMIT = 500;

/** Where a server said nothing: what we know ourselves, in the form that the RFC gives for that. */
const KNOWN: Readonly<Record<RecipientState, DeliveryStatus>> = {
  queued: { delivered: 'queued', smtpReply: '250 2.0.0 Waiting here' },
  sending: { delivered: 'queued', smtpReply: '250 2.0.0 Being sent' },
  deferred: { delivered: 'queued', smtpReply: '451 4.0.0 To be tried again' },
  held: { delivered: 'queued', smtpReply: '250 2.0.0 Held here' },
  acceptedByRemote: { delivered: 'unknown', smtpReply: '250 2.0.0 Taken by their server' },
  deliveredHere: { delivered: 'yes', smtpReply: '250 2.1.5 Delivered' },
  filed: { delivered: 'yes', smtpReply: '250 2.1.5 Delivered' },
  quarantined: { delivered: 'unknown', smtpReply: '250 2.0.0 Held back for a look' },
  forwarded: { delivered: 'unknown', smtpReply: '250 2.0.0 Sent on' },
  expanded: { delivered: 'unknown', smtpReply: '250 2.0.0 Sent on' },
  refused: { delivered: 'no', smtpReply: '550 5.0.0 Refused' },
  bounced: { delivered: 'no', smtpReply: '550 5.0.0 Could not be delivered' },
  expired: { delivered: 'no', smtpReply: '550 5.4.7 Tried for too long' },
  cancelled: { delivered: 'no', smtpReply: '550 5.0.0 Canceled by its sender' },
  unknown: { delivered: 'unknown', smtpReply: '250 2.0.0 Taken' },
};

type Stands = Pick<SubmissionRecord, 'undoStatus' | 'delivery'>;

/** As it stood before where the journey is gone: journeys live 30 days. */
export function standing(record: SubmissionRecord, journey: Journey | undefined): Stands {
  if (journey === undefined) return record;
  const stories = new Map(journey.recipients.map((story) => [story.address.toLowerCase(), story] as const));
  const replies = lastReplies(journey.steps);
  const states: RecipientState[] = [];
  const delivery = record.envelope.rcptTo.map(({ email }) => {
    const names = [email.toLowerCase(), withALabel(email).toLowerCase()];
    const name = names.find((each) => stories.has(each)) ?? '';
    const state = stories.get(name)?.state ?? 'unknown';
    states.push(state);
    const reply = replies.get(name);
    return reply === undefined ? KNOWN[state] : { ...KNOWN[state], smtpReply: replyText(reply) };
  });
  return { undoStatus: undoStatusOf(record, states), delivery };
}

/** It may be called back as long as all of it is here. */
function undoStatusOf({ isFiled, undoStatus }: SubmissionRecord, states: readonly RecipientState[]): UndoStatus {
  if (undoStatus !== 'pending') return undoStatus;
  if (states.every((state) => state === 'cancelled')) return 'canceled';
  return !isFiled && states.every((state) => KNOWN[state].delivered === 'queued') ? 'pending' : 'final';
}

/** What was said last of each recipient. */
function lastReplies(steps: readonly Step[]): ReadonlyMap<string, ReplyFacts> {
  const replies = new Map<string, ReplyFacts>();
  for (const step of steps) {
    if (step.recipient === undefined) continue;
    const name = step.recipient.toLowerCase();
    if ((step.kind === 'sent' || step.kind === 'deferred' || step.kind === 'bounced') && step.reply !== null) replies.set(name, step.reply);
    // What we did ourselves afterwards says more than what they said before.
    if (step.kind === 'cancelled' || step.kind === 'expired') replies.delete(name);
  }
  return replies;
}

/** RFC 8621 §7: one line of several; what later lines begin with as the first does is said once. */
export function replyText({ lines }: ReplyFacts): string {
  const plain = lines.map((line) => line.replace(/^(\d{3})-/, '$1 ').trimEnd());
  const [first = '', ...others] = plain;
  return [first, ...others.map((line) => line.slice(sharedWords(first, line)))].join(' ').slice(0, REPLY_LIMIT);
}

/** Octets of whole words that both begin with. */
function sharedWords(one: string, other: string): number {
  let at = 0;
  let words = 0;
  for (; at < one.length && one[at] === other[at]; at++) if (one[at] === ' ') words = at + 1;
  return at === other.length ? at : words;
}
