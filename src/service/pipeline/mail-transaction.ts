/** The transaction behind the door: resolves recipients, keeps the content, and takes the message down the road. */
import type { EnvelopeRecipient } from '../../core/envelope.ts';
import { splitAddress } from '../../core/address.ts';
import type { JourneyId } from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { ReplyStage } from '../../core/step.ts';
import type { Resolution } from '../accounts/accounts.ts';
import { commit } from './commit.ts';
import { ContentKeeper } from './content.ts';
import type { Letter, Sending } from './letter.ts';
import type { PipelineParts } from './pipeline.ts';
import { noteRefusal, tellRefused } from './refusals.ts';
import { repair } from './repair.ts';
import { inSendersWords, whyNoRoom } from './room.ts';
import { received, returnPath } from './stamp.ts';
import { lookedUp } from './recipient-address.ts';
import { walk } from './stages.ts';
import type { Accepted, Incoming, Transaction } from './transaction.ts';

/** RFC 5321 §4.5.3.1.8 asks for at least 100. */
export const RECIPIENT_LIMIT = 1_000;

export class MailTransaction implements Transaction {
  readonly #parts: PipelineParts;
  readonly #letter: Letter;
  /** Found at MAIL FROM, said at RCPT so that the recipient can be told. */
  readonly #pending: Refusal | undefined;
  /** As declared (RFC 1870); 0 where it was not. */
  readonly #size: number;

  constructor(parts: PipelineParts, letter: Letter, begun: Readonly<{ pending: Refusal | undefined; size: number }>) {
    this.#parts = parts;
    this.#letter = letter;
    this.#pending = begun.pending;
    this.#size = begun.size;
  }

  get journey(): JourneyId {
    return this.#letter.journey;
  }

  recipient(recipient: EnvelopeRecipient): Refusal | undefined | Promise<Refusal | undefined> {
    const resolution = this.#resolve(recipient.address);
    if (isRefusal(resolution)) return this.#decide(recipient, { found: 'foreign' }, resolution);
    const refusal = this.#refusalFor(resolution) ?? whyNoRoom(this.#parts, resolution, this.#size);
    if (refusal instanceof Promise) return refusal.then((found) => this.#decide(recipient, resolution, found));
    return this.#decide(recipient, resolution, refusal);
  }

  #decide(recipient: EnvelopeRecipient, resolution: Resolution, found: Refusal | undefined): Refusal | undefined {
    const refusal = found ?? this.#claimSending(resolution, recipient);
    if (refusal === undefined) this.#letter.recipients.push({ given: recipient, resolution });
    else noteRefusal(this.#letter, resolution, { refusal, stage: 'rcpt', recipient: recipient.address, now: this.#parts.clock.now() });
    return refusal;
  }

  #resolve(text: string): Resolution | Refusal {
    const { accounts } = this.#parts;
    if (text.toLowerCase() === 'postmaster') return accounts.resolvePostmaster();
    const address = lookedUp(text);
    return address === undefined ? refuse('badRecipientAddress') : accounts.resolve(address);
  }

  #refusalFor(resolution: Resolution): Refusal | undefined {
    const { origin, recipients, envelope } = this.#letter;
    if (this.#pending !== undefined) return this.#pending;
    if (recipients.length >= RECIPIENT_LIMIT) return refuse('tooManyRecipients');
    // Bounces go to one address (RFC 5321 §4.5.5); several at once are an attack's signature.
    if (origin === 'mx' && envelope.from === '' && recipients.length > 0) return refuse('nullSenderManyRecipients');
    if (resolution.found === 'nobody') return refuse('noSuchUser');
    if (resolution.found === 'foreign' && origin === 'mx') return refuse('notARelay');
    return resolution.found === 'local' ? this.#closed(resolution) : undefined;
  }

  #closed(resolution: Extract<Resolution, { found: 'local' }>): Refusal | undefined {
    const open = resolution.targets.some(
      (target) => target.to === 'remote' || this.#parts.accounts.person(target.account)?.state !== 'closed',
    );
    return open ? undefined : refuse('accountClosed');
  }

  /** What goes on from here leaves as one message of one owner; a second owner is asked to come in a message of its own. */
  #claimSending(resolution: Resolution, recipient: EnvelopeRecipient): Refusal | undefined {
    const wanted = this.#sendingFor(resolution, recipient);
    if (wanted === null) return undefined;
    const { sending } = this.#letter;
    if (sending !== null && (sending.owner !== wanted.owner || sending.from !== wanted.from)) return refuse('tooManyRecipients');
    this.#letter.sending = wanted;
    return undefined;
  }

  #sendingFor(resolution: Resolution, recipient: EnvelopeRecipient): Sending | null {
    const { origin, owner, organisation, envelope, releaseAt } = this.#letter;
    const leaves = releaseAt !== null || resolution.found !== 'local' || resolution.targets.some((target) => target.to === 'remote');
    if (!leaves) return null;
    if (owner !== null)
      return {
        owner,
        organisation,
        from: envelope.from,
        origin: origin === 'submission' || origin === 'jmap' ? 'submission' : (origin as Sending['origin']),
      };
    return this.#parts.strangersSending(resolution, recipient.address, envelope.from);
  }

  content(): Incoming {
    const { letter, prefix } = { letter: this.#letter, prefix: this.#prefix() };
    const keeper = new ContentKeeper({
      store: this.#parts.store,
      keyring: this.#parts.keyring,
      ids: this.#parts.ids,
      sizeLimit: this.#parts.sizeLimit,
      prefix: prefix.bytes,
      edit: this.#editor(),
    });
    return {
      write: (bytes) => keeper.write(bytes),
      finish: () => this.#finish(keeper, prefix.skip),
      abort: (refusal) => {
        keeper.abort();
        if (refusal !== undefined) this.#refuseAll(refusal, 'content');
        void tellRefused(this.#parts, letter);
      },
    };
  }

  abandon(): void {
    if (this.#letter.refused.length > 0) void tellRefused(this.#parts, this.#letter);
  }

  #prefix(): Readonly<{ bytes: Buffer; skip: number }> {
    const { letter } = { letter: this.#letter };
    const [only] = letter.recipients;
    const path = returnPath(letter.envelope.from);
    const trace = received({
      hostName: this.#parts.hostName,
      journey: letter.journey,
      now: this.#parts.clock.now(),
      caller: letter.caller,
      onlyRecipient: letter.recipients.length === 1 && only !== undefined ? only.given.address : null,
    });
    return { bytes: Buffer.from(path + trace), skip: Buffer.byteLength(path) };
  }

  /** Strangers' headers stay as they came; our own senders' are repaired. */
  #editor(): ((header: Buffer) => Buffer | Refusal) | null {
    const signedIn = this.#letter.caller?.signedIn ?? null;
    if (signedIn === null) return null;
    const { person } = signedIn;
    const from = splitAddress(this.#letter.envelope.from);
    return (header) =>
      repair({
        header,
        now: this.#parts.clock.now(),
        unique: this.#letter.journey,
        domain: from?.domain ?? person.address.slice(person.address.lastIndexOf('@') + 1),
        person,
        mayUse: (address) => this.#parts.maySend(signedIn, address),
      });
  }

  async #finish(keeper: ContentKeeper, skip: number): Promise<Accepted | Refusal> {
    const finished = keeper.finish();
    const kept = finished instanceof Promise ? await finished : finished;
    const refusal = isRefusal(kept)
      ? kept
      : ((await walk(this.#letter, { structure: kept.structure, size: kept.size, skip })) ??
        inSendersWords(await commit(this.#parts, this.#letter, { ...kept, skip }, null)));
    if (refusal !== undefined) this.#refuseAll(refusal, 'content');
    if (this.#letter.refused.length > 0) void tellRefused(this.#parts, this.#letter);
    if (isRefusal(kept)) return kept;
    if (refusal !== undefined) return refusal;
    this.#parts.onAccepted(this.#letter, kept);
    const { recipients, journey, queued, outcomes } = this.#letter;
    return { accepted: recipients.length, journey, filed: outcomes.filter((outcome) => outcome.do === 'file').length, queued };
  }

  #refuseAll(refusal: Refusal, stage: ReplyStage): void {
    const now = this.#parts.clock.now();
    for (const { given, resolution } of this.#letter.recipients)
      noteRefusal(this.#letter, resolution, { refusal, stage, recipient: given.address, now });
  }
}
