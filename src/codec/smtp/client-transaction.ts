/** The message a client is sending: the commands it takes, and what is known so far about each recipient. */
import { type ClientMessage, mailCommand, type RecipientOutcome, rcptCommand, unfitFor, unfitRecipient } from './client-message.ts';
import type { Offers } from './client-offers.ts';
import { ContentFraming } from './content-framing.ts';

/** What a reply will be about; a number is the place of a recipient. */
export type TransactionAwaited = 'rset' | 'mail' | 'data' | 'chunk' | 'content' | number;
export type TransactionCommand = Readonly<{ line: string; awaited: TransactionAwaited }>;

export class ClientTransaction {
  readonly framing: ContentFraming;
  readonly #message: ClientMessage;
  /** A recipient without an outcome is still in the running. */
  readonly #outcomes: (RecipientOutcome | undefined)[];

  constructor(message: ClientMessage, offers: Offers) {
    this.#message = message;
    this.framing = ContentFraming.for(message.body);
    const unfit = unfitFor(offers, message);
    this.#outcomes = message.recipients.map((recipient) => {
      const mine = unfit ?? unfitRecipient(offers, recipient);
      return mine === undefined ? undefined : { outcome: 'unfit', unfit: mine };
    });
  }

  /** All that is said about the message up to its content. */
  commands(offers: Offers): TransactionCommand[] {
    const commands: TransactionCommand[] = [{ line: mailCommand(offers, this.#message), awaited: 'mail' }];
    this.#message.recipients.forEach((recipient, at) => {
      if (this.#outcomes[at] === undefined) commands.push({ line: rcptCommand(offers, recipient), awaited: at });
    });
    if (!this.framing.isChunked) commands.push({ line: 'DATA', awaited: 'data' });
    return commands;
  }

  get hasTakers(): boolean {
    return this.#outcomes.includes(undefined);
  }

  settleOne(at: number, outcome: RecipientOutcome): void {
    this.#outcomes[at] ??= outcome;
  }

  /** The same for everybody still in the running. */
  settleRest(outcome: RecipientOutcome): void {
    for (const [at, mine] of this.#outcomes.entries()) if (mine === undefined) this.#outcomes[at] = outcome;
  }

  /** One per recipient; nobody may be in the running any more. */
  get outcomes(): readonly RecipientOutcome[] {
    const known = this.#outcomes.filter((outcome) => outcome !== undefined);
    if (known.length !== this.#outcomes.length) throw new Error('a recipient has no outcome yet');
    return known;
  }
}
