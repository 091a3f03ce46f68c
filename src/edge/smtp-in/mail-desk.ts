/** One mail transaction at a time, between the machine's questions and service/pipeline. */
import type { ContentFault } from '../../codec/smtp/dot-unstuffing.ts';
import type { Question } from '../../codec/smtp/server-actions.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Accepted, Caller, Doorkeeper, Incoming, Transaction } from '../../service/pipeline/transaction.ts';
import { type Answer, accept, after, type Later, refusal } from './answer.ts';
import { phrase, referenceText, SPOILED } from './phrases.ts';

type About<Name extends Question['about']> = Extract<Question, { about: Name }>;

export class MailDesk {
  readonly #doorkeeper: Doorkeeper;
  readonly #origin: 'mx' | 'submission';
  #transaction: Transaction | undefined;
  #incoming: Incoming | undefined;
  /** What broke while content was written; told when the peer has sent all of it. */
  #broken: { trouble: unknown } | undefined;
  #journey = '';
  #isClosed = false;

  constructor(doorkeeper: Doorkeeper, origin: 'mx' | 'submission') {
    this.#doorkeeper = doorkeeper;
    this.#origin = origin;
  }

  /** Content is coming or being decided about: not the moment to close. */
  get isReceiving(): boolean {
    return this.#incoming !== undefined;
  }

  /** What stands behind a refusal of the latest transaction. */
  get reference(): string {
    return referenceText(this.#journey);
  }

  begin(caller: Caller, { sender, parameters }: About<'sender'>): Later<Answer> {
    this.#journey = '';
    const { size, body, smtpUtf8, returnContent, envelopeId } = parameters;
    const ask = { from: sender?.text ?? '', size, body, smtpUtf8, returnContent, envelopeId };
    return after(this.#doorkeeper.begin(this.#origin, caller, ask), (begun) => this.#begun(begun));
  }

  #begun(begun: Transaction | Refusal): Answer {
    if (isRefusal(begun)) return refusal(phrase(begun));
    // The peer may have left while the house was thinking.
    if (this.#isClosed) begun.abandon();
    else this.#transaction = begun;
    this.#journey = begun.journey;
    return accept();
  }

  recipient({ recipient, parameters }: About<'recipient'>): Later<Answer> {
    const { notify, originalRecipient } = parameters;
    return after(this.#must().recipient({ address: recipient.text, notify, originalRecipient }), (no) =>
      no === undefined ? accept() : refusal(phrase(no, this.#journey)),
    );
  }

  content(): Answer {
    this.#broken = undefined;
    this.#incoming = this.#must().content();
    return accept();
  }

  /** A promise where the peer must be held back. Never rejects: what breaks is told by `finish`. */
  write(bytes: Buffer): void | Promise<void> {
    try {
      return this.#incoming?.write(bytes)?.catch((trouble: unknown) => this.#breakOff(trouble));
    } catch (trouble) {
      this.#breakOff(trouble);
    }
  }

  #breakOff(trouble: unknown): void {
    this.#broken ??= { trouble };
    this.#incoming?.abort();
    this.#incoming = undefined;
  }

  /** All content has been written. */
  async finish(): Promise<Answer> {
    const incoming = this.#incoming;
    this.#transaction = undefined;
    if (incoming === undefined) throw this.#broken?.trouble ?? new Error('there is no content to finish');
    try {
      return this.#decided(await incoming.finish());
    } finally {
      this.#incoming = undefined;
    }
  }

  #decided(outcome: Accepted | Refusal): Answer {
    return isRefusal(outcome) ? refusal(phrase(outcome, this.#journey)) : accept(`2.0.0 Taken${referenceText(outcome.journey)}`);
  }

  /** The machine refuses the content; the peer is told so at its end. */
  spoil(fault: ContentFault): void {
    this.#incoming?.abort(refuse(SPOILED[fault]));
    this.#incoming = undefined;
    this.#transaction = undefined;
  }

  /** The transaction is over without a message. */
  forget(): void {
    const [incoming, transaction] = [this.#incoming, this.#transaction];
    this.#incoming = undefined;
    this.#transaction = undefined;
    if (incoming !== undefined) incoming.abort();
    else transaction?.abandon();
  }

  /** The connection is gone. A message that is being decided about is decided about all the same. */
  close(): void {
    this.#isClosed = true;
    if (this.#transaction !== undefined) this.forget();
  }

  #must(): Transaction {
    if (this.#transaction === undefined) throw new Error('there is no transaction');
    return this.#transaction;
  }
}
