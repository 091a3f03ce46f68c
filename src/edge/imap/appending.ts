/**
 * An APPEND under way (RFC 9051 §6.3.12, RFC 3502): messages stream into staging as they arrive,
 * and appear together when the command ends, or not at all.
 */
import { type AppendMessage, parseAppendEnd, parseNextAppend, readAppend } from '../../codec/imap/command/append.ts';
import { parse } from '../../codec/imap/command-line.ts';
import type { Cursor } from '../../codec/imap/cursor.ts';
import { formatNumbers } from '../../codec/imap/number-set.ts';
import { isRefusal } from '../../core/refusal.ts';
import type { Staged, Staging } from '../../service/mailboxes/mailboxes.ts';
import { type Answer, bad, no, ok } from './answer.ts';
import type { Client } from './client.ts';
import { flagsOf } from './flag-words.ts';
import { noSuchTarget, phraseRefusal } from './phrases.ts';

/** Messages in one APPEND. */
const MESSAGE_LIMIT = 1000;

export class Appending {
  readonly #client: Client;
  #path = '';
  /** Every message of this command, the last of them still arriving; `#staged` are those that have arrived. */
  #stagings: Staging[] = [];
  #staged: Staged[] = [];
  #wasWrapped = false;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The head of the command, up to its first message of `size` octets. An answer refuses it. */
  begin(cursor: Cursor, size: number): Answer | undefined {
    const head = parse(cursor, readAppend);
    if (!head.ok) return bad(`${head.why} (octet ${head.at})`);
    if (this.#client.mailbox(head.value.mailbox) === undefined) return noSuchTarget();
    this.#path = head.value.mailbox;
    return this.#open(head.value.message, size);
  }

  /** What stands before each further message. */
  more(bytes: Buffer, size: number): Answer | undefined {
    const next = parseNextAppend(bytes, this.#wasWrapped);
    return next.ok ? this.#open(next.value, size) : bad(next.why);
  }

  #open(message: AppendMessage, size: number): Answer | undefined {
    // RFC 3502 §6.3.11: the client's way to call it off.
    if (size === 0) return no('A message without octets calls the APPEND off');
    if (this.#stagings.length >= MESSAGE_LIMIT) return no('Too many messages at once', 'LIMIT');
    const { flags, keywords } = flagsOf(message.flags);
    const staging = this.#client.mail.stage({ flags, keywords, receivedAt: message.receivedAtMs ?? null, size });
    if (isRefusal(staging)) return phraseRefusal(staging);
    this.#stagings.push(staging);
    this.#wasWrapped = message.isWrapped;
    return undefined;
  }

  /** A promise where reading must wait. */
  write(bytes: Buffer): void | Promise<void> {
    return this.#stagings.at(-1)?.write(bytes);
  }

  async endOfMessage(): Promise<Answer | undefined> {
    const staged = await this.#stagings.at(-1)?.finish();
    if (isRefusal(staged)) return phraseRefusal(staged);
    if (staged !== undefined) this.#staged.push(staged);
    return undefined;
  }

  /** The end of the command: all messages appear. */
  async end(bytes: Buffer): Promise<Answer> {
    const tail = parseAppendEnd(bytes, this.#wasWrapped);
    if (!tail.ok) return bad(tail.why);
    const target = this.#client.mailbox(this.#path);
    if (target === undefined) return noSuchTarget();
    const done = await this.#client.mail.appendAll(target.mailbox, this.#staged);
    if (isRefusal(done)) return phraseRefusal(done);
    this.#stagings = [];
    return ok('Appended', `APPENDUID ${done.uidValidity} ${formatNumbers(done.uids)}`);
  }

  /** Called off, refused or cut: nothing of it stays. */
  async abort(): Promise<void> {
    const stagings = this.#stagings;
    this.#stagings = [];
    for (const staging of stagings) await staging.abort();
  }
}
