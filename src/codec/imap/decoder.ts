/**
 * Cuts what a client sends into whole commands (RFC 9051 §2.2, §4.3; RFC 7888). Bytes go in
 * by `push`; the session asks for what happened by `next` until nothing is left, answering
 * on the way: because it asks one event at a time, it can say between two pipelined commands
 * that the next line is an answer to AUTHENTICATE or the DONE of IDLE.
 *
 * A command comes out with its small literals inside, in one piece. The messages of APPEND
 * never do: their head comes first, to be accepted or refused before anything is sent, and
 * then their content as it arrives.
 */
import { Cursor } from './cursor.ts';
import { Input } from './input.ts';
import { type Announced, endingLiteral, LONGEST_ANNOUNCEMENT } from './literal.ts';

export type DecoderEvent =
  /** A whole command, without its last CRLF. */
  | Readonly<{ do: 'command'; bytes: Buffer }>
  /** A line that answers the server, without its CRLF (after `expect('line')`). */
  | Readonly<{ do: 'line'; bytes: Buffer }>
  /** The client waits for `+` before it sends a literal. */
  | Readonly<{ do: 'continue' }>
  /** A message is coming: `bytes` is the command so far, or since the message before. Then `accept` or `refuse`. */
  | Readonly<{ do: 'message'; bytes: Buffer; isFirst: boolean; literal: Announced }>
  | Readonly<{ do: 'content'; bytes: Buffer }>
  | Readonly<{ do: 'contentEnd' }>
  /** The end of an APPEND: what stood after its last message. */
  | Readonly<{ do: 'messagesEnd'; bytes: Buffer }>
  /** The command breaks a bound; what belongs to it is passed over. `bytes` begins with its tag. */
  | Readonly<{ do: 'complain'; bytes: Buffer; why: string }>
  /** Beyond repair: the connection must end. */
  | Readonly<{ do: 'hangUp'; why: string }>;

export type Limits = Readonly<{ text: number; literal: number; literals: number; total: number; discard: number }>;

/** Before sign-in: enough for a SASL exchange, too little to hurt in numbers. */
export const STRANGER_LIMITS: Limits = { text: 16_384, literal: 4096, literals: 4, total: 20_480, discard: 65_536 };
/**
 * After sign-in: `text` octets outside literals, octets per literal, literals per command, octets of a whole
 * command, and octets passed over for a client that sends a refused literal without waiting.
 */
export const MEMBER_LIMITS: Limits = { text: 65_536, literal: 65_536, literals: 64, total: 524_288, discard: 128 * 1024 * 1024 };

const CR = 0x0d;
const LF = 0x0a;

type Phase = 'command' | 'literal' | 'decide' | 'content' | 'messages' | 'discard' | 'discardLine' | 'tooMuch' | 'over';

export class ImapDecoder {
  #limits = STRANGER_LIMITS;
  #input = new Input();
  #phase: Phase = 'command';
  #expects: 'command' | 'line' = 'command';
  /** Up to where the command has been looked through, and where its current line began. */
  #seen = 0;
  #lineStart = 0;
  /** Octets of the command that were literals, and how many literals. */
  #literalOctets = 0;
  #literals = 0;
  /** Octets left of a literal being passed on or over. */
  #left = 0;
  #discarded = 0;

  /** After sign-in: larger bounds, and messages may come. */
  trust(): void {
    this.#limits = MEMBER_LIMITS;
  }

  push(chunk: Buffer): void {
    if (this.#phase !== 'over') this.#input.push(chunk);
  }

  /** Whether the next line is a command or an answer to something the server asked. */
  expect(what: 'command' | 'line'): void {
    this.#expects = what;
  }

  /** Octets waiting. SECURITY: before a TLS handshake there must be none, or they are an injected command (RFC 9051 §11.1). */
  get waiting(): number {
    return this.#input.length;
  }

  /** Let the announced message come. */
  accept(): void {
    if (this.#phase !== 'decide') throw new Error('accept() without an announced message');
    this.#phase = 'content';
  }

  /** Pass over the announced message, or what is left of the one arriving, and the rest of its command. */
  refuse(): void {
    if (this.#phase === 'decide' && this.#mayStillStop) this.#startOver();
    else if (this.#phase === 'decide' || this.#phase === 'content') this.#discard();
    else if (this.#phase === 'messages') this.#phase = 'discardLine';
    else throw new Error('refuse() without a message');
  }

  /** Whether the announced message will not be sent unless asked for. */
  #mayStillStop = false;

  /** What happened next, or undefined when more octets are needed (or an announced message awaits its answer). */
  next(): DecoderEvent | undefined {
    for (;;) {
      switch (this.#phase) {
        case 'command':
        case 'messages':
          return this.#line();
        case 'literal':
          if (this.#input.length < this.#seen) return undefined;
          this.#phase = 'command';
          break;
        case 'content':
          return this.#content();
        case 'discard':
          this.#left -= this.#input.take(this.#left).length;
          if (this.#left > 0) return undefined;
          this.#phase = 'discardLine';
          break;
        case 'discardLine':
          if (!this.#passLine()) return undefined;
          break;
        case 'tooMuch':
          this.#phase = 'over';
          return { do: 'hangUp', why: 'Too much was sent in vain' };
        case 'decide':
        case 'over':
          return undefined;
      }
    }
  }

  #line(): DecoderEvent | undefined {
    const lineFeed = this.#input.indexOf(LF, this.#seen);
    const length = lineFeed < 0 ? this.#input.length : lineFeed + 1;
    if (length - this.#literalOctets > this.#limits.text) return this.#complain(length, 'The command is too long');
    if (lineFeed < 0) {
      this.#seen = length;
      return undefined;
    }
    // SECURITY: two kinds of line ending give two readings of where a command ends.
    if (lineFeed === this.#lineStart || this.#input.at(lineFeed - 1) !== CR)
      return this.#giveUp(this.#input.take(length), 'Lines end in CRLF');
    const literal = this.#expects === 'line' ? undefined : endingLiteral(this.#input.slice(this.#lineStart, lineFeed - 1));
    return literal === undefined ? this.#whole(length) : this.#announced(literal, length);
  }

  #whole(length: number): DecoderEvent {
    const bytes = this.#input.take(length).subarray(0, length - 2);
    const phase = this.#phase;
    this.#startOver();
    if (phase === 'messages') return { do: 'messagesEnd', bytes };
    return { do: this.#expects, bytes };
  }

  /** The line ends in `{n}`: `length` octets with its CRLF. */
  #announced(literal: Announced, length: number): DecoderEvent | undefined {
    if (this.#phase === 'messages') return this.#message(literal, length);
    if (this.#limits === MEMBER_LIMITS && bringsMessage(this.#input.slice(0, this.#lineStart + literal.at)))
      return this.#message(literal, length);
    const why = this.#whyTooMuch(literal, length);
    if (why !== undefined) return this.#tooMuch(literal, length, why);
    this.#literals++;
    this.#literalOctets += literal.size;
    this.#seen = this.#lineStart = length + literal.size;
    this.#phase = 'literal';
    return literal.waits ? { do: 'continue' } : this.next();
  }

  #whyTooMuch(literal: Announced, length: number): string | undefined {
    if (literal.size > this.#limits.literal) return 'That literal is too large';
    if (this.#literals >= this.#limits.literals) return 'Too many literals in one command';
    return length + literal.size > this.#limits.total ? 'The command is too long' : undefined;
  }

  #tooMuch(literal: Announced, length: number, why: string): DecoderEvent {
    const bytes = this.#input.take(length);
    if (literal.waits) this.#startOver();
    else {
      this.#left = literal.size;
      this.#discard();
    }
    return { do: 'complain', bytes, why };
  }

  #message(literal: Announced, length: number): DecoderEvent {
    const isFirst = this.#phase !== 'messages';
    const bytes = this.#input.take(length).subarray(0, this.#lineStart + literal.at);
    this.#seen = this.#lineStart = 0;
    this.#literalOctets = 0;
    this.#left = literal.size;
    this.#mayStillStop = literal.waits;
    this.#phase = 'decide';
    return { do: 'message', bytes, isFirst, literal };
  }

  #content(): DecoderEvent | undefined {
    if (this.#left === 0) {
      this.#phase = 'messages';
      return { do: 'contentEnd' };
    }
    const bytes = this.#input.take(this.#left);
    this.#left -= bytes.length;
    return bytes.length === 0 ? undefined : { do: 'content', bytes };
  }

  /** A line without end: its tag goes into the complaint, the rest is passed over. */
  #complain(length: number, why: string): DecoderEvent {
    const bytes = this.#input.slice(0, length);
    this.#input.take(this.#lineStart);
    this.#phase = 'discardLine';
    return { do: 'complain', bytes, why };
  }

  #giveUp(bytes: Buffer, why: string): DecoderEvent {
    this.#startOver();
    return { do: 'complain', bytes, why };
  }

  #discard(): void {
    this.#discarded += this.#left;
    this.#phase = this.#discarded > this.#limits.discard ? 'tooMuch' : 'discard';
  }

  /** Passes over the rest of a refused command, and any literals the client sends in it without waiting; false when it needs more. */
  #passLine(): boolean {
    const lineFeed = this.#input.indexOf(LF, 0);
    if (lineFeed < 0) return this.#passOpenLine();
    const literal = endingLiteral(this.#input.take(lineFeed + 1).subarray(0, Math.max(0, lineFeed - 1)));
    this.#left = literal?.size ?? 0;
    if (literal === undefined || literal.waits) this.#startOver();
    else this.#discard();
    return true;
  }

  /** Keeps only what may turn out to announce a literal. */
  #passOpenLine(): boolean {
    const passed = Math.max(0, this.#input.length - LONGEST_ANNOUNCEMENT);
    this.#discarded += passed;
    this.#input.take(passed);
    if (this.#discarded > this.#limits.discard) this.#phase = 'tooMuch';
    return this.#phase === 'tooMuch';
  }

  #startOver(): void {
    this.#phase = 'command';
    this.#seen = this.#lineStart = 0;
    this.#literalOctets = 0;
    this.#literals = 0;
    this.#left = 0;
    this.#discarded = 0;
  }
}

/** Commands whose last literal is a message, and how to step over what comes before it. */
const MESSAGE_COMMANDS: ReadonlyMap<string, (cursor: Cursor) => void> = new Map([['APPEND', (cursor) => void cursor.astring()]]);

/** Whether a literal after these octets is a message: the command is APPEND and its mailbox is named already. */
function bringsMessage(head: Buffer): boolean {
  const cursor = new Cursor(head);
  cursor.tag();
  cursor.space();
  const readArguments = MESSAGE_COMMANDS.get(cursor.word());
  if (readArguments === undefined) return false;
  cursor.space();
  readArguments(cursor);
  return cursor.fault === undefined;
}
