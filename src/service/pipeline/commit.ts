/**
 * The end of the road: every copy, every errand and every Step of a message in
 * one commit. When it resolves the message is on disk and 250 may be said.
 */
import { hash } from 'node:crypto';
import type { AccountWrite, Command, QueuedMessage, StepRow } from '../../core/command.ts';
import { Fault } from '../../core/fault.ts';
import type { AccountId, EmailId, IdMaker, JourneyId, MailboxId, OwnerId } from '../../core/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Keyring } from '../../core/ports/keyring.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Journal } from '../journey/journey.ts';
import { addEmailCommand, threadOf } from '../mailboxes/mailboxes.ts';
import type { Queue } from '../queue/queue.ts';
import type { Kept } from './content.ts';
import type { Content, Letter, Outcome } from './letter.ts';
import { recipientSteps, senderSteps } from './tell.ts';

export type CommitParts = Readonly<{
  store: Store;
  keyring: Keyring;
  journal: Journal;
  queue: Queue;
  ids: IdMaker;
  clock: Clock;
  inboxOf(account: AccountId): MailboxId | undefined | Promise<MailboxId | undefined>;
  addressOf(account: AccountId): string | null;
}>;

type Filing = Extract<Outcome, { do: 'file' }>;

/** Tries after a commit whose outcome is unknown; the effect id makes them harmless. */
const UNKNOWN_TRIES = 3;
const UNKNOWN_PAUSE_MS = 200;

/** 16 bytes that are the same for every try of the same delivery. */
export const effectOf = (...what: readonly string[]): Uint8Array => hash('sha256', what.join(' '), 'buffer').subarray(0, 16);

/** No other delivery has this journey, and the store keeps effects by account: nothing needs to be hashed. */
const journeyEffect = (journey: JourneyId): Uint8Array => Buffer.from(journey, 'latin1');

/** The same bytes for a message that may be taken twice; null makes it unique to this journey. */
export async function commit(
  parts: CommitParts,
  letter: Letter,
  kept: Kept & Readonly<{ skip: number }>,
  effect: Uint8Array | null,
): Promise<Refusal | undefined> {
  const now = parts.clock.now();
  const content: Content = { structure: kept.structure, size: kept.size, skip: kept.skip };
  const files = letter.outcomes.filter((outcome) => outcome.do === 'file');
  const body = kept.body;
  const message = queuedMessage(parts, letter, kept);
  const writes: AccountWrite[] = [];
  for (const filing of files) {
    const ask = { letter, content, kept, body: writes.length === 0 ? body : sharedBody(kept), filing, now };
    const made = filingBatch(parts, ask);
    const batch = made instanceof Promise ? await made : made;
    if (isRefusal(batch)) return batch;
    writes.push({
      account: filing.account,
      batch,
      effectId: effect === null ? journeyEffect(letter.journey) : effectOf(Buffer.from(effect).toString('hex'), String(filing.account)),
    });
  }
  const steps = outgoingRows(parts, letter, content, now);
  return settle(parts, {
    writes,
    message: message === undefined || writes.length === 0 ? message : { ...message, body: sharedBody(kept) },
    steps,
    letter,
    effect,
  });
}

/** The first write carries an inline body; the others name it. */
const sharedBody = (kept: Kept): Kept['body'] => ({ kind: 'stored', blob: kept.body.blob });

type FilingAsk = Readonly<{ letter: Letter; content: Content; kept: Kept; body: Kept['body']; filing: Filing; now: number }>;

/** A promise only where the account's mailboxes must be read first. */
function filingBatch(parts: CommitParts, ask: FilingAsk): Command[] | Refusal | Promise<Command[] | Refusal> {
  const inbox = parts.inboxOf(ask.filing.account);
  return inbox instanceof Promise ? inbox.then((found) => batchInto(found, parts, ask)) : batchInto(inbox, parts, ask);
}

function batchInto(inbox: MailboxId | undefined, parts: CommitParts, ask: FilingAsk): Command[] | Refusal {
  const { letter, content, kept, filing, now } = ask;
  const key = parts.keyring.of(filing.account);
  if (key === undefined || inbox === undefined) return refuse('accountClosed');
  const email = parts.ids.next<EmailId>();
  const add = addEmailCommand({
    account: filing.account,
    key,
    email,
    thread: threadOf(key, kept.structure, email),
    body: ask.body,
    bodyKey: kept.bodyKey,
    size: kept.size,
    receivedAt: now,
    structure: kept.structure,
    into: [{ mailbox: inbox, flags: 0, keywords: [] }],
  });
  const rows = parts.journal.rows({
    owner: filing.account,
    organisation: filing.organisation,
    journey: letter.journey,
    seat: { as: 'recipient', own: [filing.given], fromInside: letter.origin !== 'mx' },
    steps: recipientSteps(letter, content, filing, now),
  });
  return [add, ...rows.map((row): Command => ({ do: 'step', row }))];
}

function queuedMessage(parts: CommitParts, letter: Letter, kept: Kept & Readonly<{ skip: number }>): QueuedMessage | undefined {
  const sends = letter.outcomes.filter((outcome) => outcome.do === 'send');
  const { sending } = letter;
  if (sends.length === 0 || sending === null) return undefined;
  const message = parts.queue.pack({
    owner: sending.owner,
    outgoing: {
      journey: letter.journey,
      organisation: sending.organisation,
      origin: sending.origin,
      envelope: { ...letter.envelope, from: sending.from },
      bodyKey: Buffer.from(kept.bodyKey).toString('base64'),
      skip: kept.skip,
      has8Bit: kept.structure.has8Bit,
      subject: kept.structure.envelope.subject ?? '',
    },
    recipients: sends.map(({ recipient }) => recipient),
    body: kept.body,
    size: kept.size,
    ...(letter.releaseAt === null ? {} : { dueAt: letter.releaseAt }),
  });
  letter.queued = message.recipients.map(({ item }) => item);
  return message;
}

/** The sender's rows: their own journey, or the organisation's for what it sends on. */
function outgoingRows(parts: CommitParts, letter: Letter, content: Content, now: number): readonly StepRow[] {
  const owner: OwnerId | null = letter.sending?.owner ?? (letter.origin === 'submission' || letter.origin === 'jmap' ? letter.owner : null);
  if (owner === null) return [];
  const account = letter.origin === 'submission' || letter.origin === 'jmap' ? parts.addressOf(owner as AccountId) : null;
  const steps = senderSteps(letter, content, { now, giveUpAt: (letter.releaseAt ?? now) + parts.queue.giveUpMs, account });
  return parts.journal.rows({ owner, organisation: letter.organisation, journey: letter.journey, seat: { as: 'sender' }, steps });
}

type Plan = Readonly<{
  writes: readonly AccountWrite[];
  message: QueuedMessage | undefined;
  steps: readonly StepRow[];
  letter: Letter;
  effect: Uint8Array | null;
}>;

async function settle(parts: CommitParts, plan: Plan): Promise<Refusal | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      const refusal = await write(parts, plan);
      if (refusal === undefined && plan.message !== undefined) parts.queue.wake();
      return refusal;
    } catch (error) {
      if (!(error instanceof Fault) || error.outcome !== 'unknown' || tries >= UNKNOWN_TRIES) throw error;
      await new Promise<void>((resume) => void parts.clock.after(UNKNOWN_PAUSE_MS * tries, resume));
    }
  }
}

async function write(parts: CommitParts, plan: Plan): Promise<Refusal | undefined> {
  const { writes, message, steps, letter } = plan;
  const [only] = writes;
  if (only === undefined) {
    if (message !== undefined) await parts.store.queue.accept(message, steps, plan.effect ?? effectOf(letter.journey, 'queue'));
    return undefined;
  }
  if (writes.length === 1 && message === undefined && steps.length === 0) {
    const done = await parts.store.account(only.account).apply(only.batch, only.effectId === undefined ? {} : { effectId: only.effectId });
    return isRefusal(done) ? done : undefined;
  }
  const done = await parts.store.applyTogether(writes, message, steps);
  return isRefusal(done) ? done : undefined;
}
