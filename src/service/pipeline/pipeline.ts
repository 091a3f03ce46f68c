/**
 * The door of the pipeline: the one road that every message takes, from
 * strangers, from our own people and from the house itself.
 */
import { scan } from '../../codec/mime/scanner.ts';
import type { BlobId, JourneyId } from '../../core/ids.ts';
import { JOURNEY_RANDOM_BYTES, journeyId, SERVER_OWNER } from '../../core/ids.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { Arrived, Intake, OwnMail, Returning } from '../../core/ports/intake.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { sealBody } from '../../lib/body-cipher.ts';
import type { Accounts, Resolution, SignedIn } from '../accounts/accounts.ts';
import { arrive } from './arrive.ts';
import { type CommitParts, commit } from './commit.ts';
import type { Kept } from './content.ts';
import { type Letter, newLetter, type Sending } from './letter.ts';
import { MailTransaction } from './mail-transaction.ts';
import { RefusalTally } from './refusal-tally.ts';
import { countRefusedSender } from './refusals.ts';
import { received, returnPath } from './stamp.ts';
import { maySend } from './may-send.ts';
import { lookedUp } from './recipient-address.ts';
import { walk } from './stages.ts';
import { ToldBudget } from './told-budget.ts';
import type { Caller, Doorkeeper, SenderAsk, Transaction } from './transaction.ts';

export { RECIPIENT_LIMIT } from './mail-transaction.ts';
export { maySend } from './may-send.ts';
export { withALabel } from './recipient-address.ts';
export type { Accepted, Caller, Doorkeeper, Incoming, SenderAsk, Transaction } from './transaction.ts';

export type PipelineSetup = Omit<CommitParts, 'addressOf'> &
  Readonly<{
    accounts: Accounts;
    dice: Dice;
    hostName: string;
    sizeLimit: number;
    /** For the operator's log. */
    onTrouble(error: unknown): void;
    /** After a message was taken: delivery reports that were asked for. */
    onAccepted(letter: Letter, kept: Kept): void;
  }>;

export type PipelineParts = PipelineSetup &
  CommitParts &
  Readonly<{
    /** Of refusals that are written down. */
    told: ToldBudget;
    /** Of those that are not. */
    tally: RefusalTally;
    maySend(signedIn: SignedIn, address: string): boolean;
    strangersSending(resolution: Resolution, address: string, from: string): Sending | null;
  }>;

/**
 * Strangers' mail that goes on: for a relay domain as it came; behind an alias
 * in the name of the alias's domain, so that their SPF is not broken by us and
 * a refusal comes back to the alias's organisation, never to a stranger (R-64).
 */
function strangersSending(resolution: Resolution, address: string, from: string): Sending | null {
  if (resolution.found === 'relay') return { owner: SERVER_OWNER, organisation: null, from, origin: 'relay' };
  if (resolution.found !== 'local') return null;
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return { owner: resolution.organisation, organisation: null, from: from === '' ? '' : `postmaster@${domain}`, origin: 'redirect' };
}

export class Pipeline implements Doorkeeper, Intake {
  readonly #parts: PipelineParts;

  constructor(setup: PipelineSetup) {
    this.#parts = {
      ...setup,
      told: new ToldBudget(),
      tally: new RefusalTally(setup),
      addressOf: (account) => setup.accounts.person(account)?.address ?? null,
      maySend: (signedIn, address) => maySend(setup.accounts, signedIn, address),
      strangersSending,
    };
  }

  /** Nothing more will come in: writes what was counted and not written yet. */
  close(): Promise<void> {
    return this.#parts.tally.flush();
  }

  get sizeLimit(): number {
    return this.#parts.sizeLimit;
  }

  get hostName(): string {
    return this.#parts.hostName;
  }

  begin(origin: 'mx' | 'submission' | 'jmap', caller: Caller, ask: SenderAsk): Transaction | Refusal {
    const tooBig = ask.size !== null && ask.size > this.sizeLimit ? refuse('tooBig', { limit: String(this.sizeLimit) }) : undefined;
    if (origin !== 'mx') {
      const refusal = tooBig ?? this.#mayBegin(caller, ask.from);
      if (refusal !== undefined) {
        countRefusedSender(this.#parts, caller, refusal);
        return refusal;
      }
    }
    const person = caller.signedIn?.person;
    const { from, releaseAt = null, ...rest } = ask;
    const envelope = { from, returnContent: rest.returnContent, envelopeId: rest.envelopeId, smtpUtf8: rest.smtpUtf8, body: rest.body };
    const letter = this.#letter({
      origin,
      caller,
      owner: person?.account ?? null,
      organisation: person?.organisation ?? null,
      envelope,
      releaseAt: releaseAt !== null && releaseAt > this.#parts.clock.now() ? releaseAt : null,
    });
    return new MailTransaction(this.#parts, letter, { pending: origin === 'mx' ? tooBig : undefined, size: ask.size ?? 0 });
  }

  #mayBegin(caller: Caller, from: string): Refusal | undefined {
    const { signedIn } = caller;
    if (signedIn === null) return refuse('signInFirst');
    if (this.#parts.accounts.person(signedIn.person.account)?.state !== 'open') return refuse('accountPaused');
    // The null sender is for what must never be answered: read receipts and the like (RFC 8098 §2.1).
    return from === '' || this.#parts.maySend(signedIn, from) ? undefined : refuse('senderNotYours', { address: from });
  }

  #letter(about: Pick<Letter, 'origin' | 'caller' | 'owner' | 'organisation' | 'envelope' | 'releaseAt'>): Letter {
    const journey: JourneyId = journeyId(this.#parts.clock.now(), this.#parts.dice.bytes(JOURNEY_RANDOM_BYTES));
    return newLetter({ ...about, journey });
  }

  async take(mail: OwnMail): Promise<Readonly<{ journey: JourneyId }> | Refusal> {
    const { recipients, ...envelope } = mail.envelope;
    const organisation = mail.account === undefined ? null : (this.#parts.accounts.person(mail.account)?.organisation ?? null);
    const letter = this.#letter({ origin: mail.origin, caller: null, owner: mail.owner, organisation, envelope, releaseAt: null });
    if (mail.parent !== undefined)
      letter.began.push({ kind: 'began', at: this.#parts.clock.now(), because: mail.parent.because, parent: mail.parent.journey });
    for (const given of recipients) {
      const address = lookedUp(given.address);
      const resolution = address === undefined ? refuse('badRecipientAddress') : this.#parts.accounts.resolve(address);
      if (isRefusal(resolution)) return resolution;
      if (resolution.found === 'nobody') return refuse('noSuchUser');
      if (resolution.found !== 'local' || resolution.targets.some((target) => target.to === 'remote')) {
        letter.sending = {
          owner: mail.owner,
          organisation,
          from: envelope.from,
          origin: mail.origin === 'import' ? 'report' : mail.origin,
        };
      }
      letter.recipients.push({ given, resolution });
    }
    return this.#deliver(letter, mail);
  }

  /** For mail of ours whose time came: an answer for each recipient, in their order. */
  arrive(mail: Returning): Promise<readonly Arrived[]> {
    return arrive(this.#parts, mail);
  }

  async #deliver(letter: Letter, mail: OwnMail): Promise<Readonly<{ journey: JourneyId }> | Refusal> {
    const path = returnPath(letter.envelope.from);
    const trace = received({
      hostName: this.hostName,
      journey: letter.journey,
      now: this.#parts.clock.now(),
      caller: null,
      onlyRecipient: null,
    });
    const plain = Buffer.concat([Buffer.from(path + trace), mail.content]);
    const bodyKey = this.#parts.keyring.bodyKey();
    const skip = Buffer.byteLength(path);
    const structure = scan(plain);
    const refusal = await walk(letter, { structure, size: plain.length, skip });
    if (refusal !== undefined) return refusal;
    const body = { kind: 'inline', blob: this.#parts.ids.next<BlobId>(), sealed: sealBody(bodyKey, plain) } as const;
    return (
      (await commit(this.#parts, letter, { body, bodyKey, size: plain.length, structure, skip }, mail.effectId)) ?? {
        journey: letter.journey,
      }
    );
  }
}
