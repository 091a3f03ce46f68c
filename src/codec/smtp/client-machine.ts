/**
 * The client's half of an SMTP conversation (RFC 5321 §3, §4), with no socket and
 * no clock in it. Bytes go in through `receive`, what to do comes back as actions;
 * edge/smtp-out/session.ts obeys. One machine is one connection, over which many
 * messages may go, one after the other.
 */
import { unreachable } from '../../lib/unreachable.ts';
import { Dialogue } from './client-dialogue.ts';
import type { ClientMessage, ClientStage, RecipientOutcome, Trouble } from './client-message.ts';
import type { Offers } from './client-offers.ts';
import { ClientOpening, type ClientOptions, type OpeningAwaited, type OpeningStep } from './client-opening.ts';
import { ClientTransaction, type TransactionAwaited } from './client-transaction.ts';
import { isPositive, type Reply, ReplyReader } from './reply.ts';

export type ClientAction =
  /** One or more lines, line ends included, to be written as UTF-8. */
  | Readonly<{ do: 'say'; text: string }>
  /** Do the handshake, then call `tlsStarted`. */
  | Readonly<{ do: 'startTls' }>
  /** A message may be given with `send`. */
  | Readonly<{ do: 'ready' }>
  /** Feed the message through `content` and `contentEnd`, writing what they give back. */
  | Readonly<{ do: 'sendContent' }>
  /** The verdict came early: feed no more. */
  | Readonly<{ do: 'stopContent' }>
  /** One outcome per recipient, in the message's order. The connection is ready again unless `hangUp` follows. */
  | Readonly<{ do: 'done'; outcomes: readonly RecipientOutcome[] }>
  /** The connection is of no further use. After QUIT all is well, and `reply` and `trouble` are null. */
  | Readonly<{ do: 'hangUp'; stage: ClientStage; reply: Reply | null; trouble: Trouble | null }>;

type Awaited = OpeningAwaited | TransactionAwaited | 'quit';
type Command = Readonly<{ line: string; awaited: Awaited; shown?: string }>;
type Phase = 'opening' | 'handshake' | 'ready' | 'envelope' | 'content' | 'leaving' | 'over';

/** The stage a reply is told under. */
function stageOf(awaited: Awaited): ClientStage {
  if (typeof awaited === 'number') return 'rcpt';
  if (awaited === 'helo') return 'ehlo';
  if (awaited === 'rset') return 'mail';
  return awaited === 'chunk' ? 'content' : awaited;
}

export class SmtpClientMachine {
  readonly #opening: ClientOpening;
  readonly #reader = new ReplyReader();
  readonly #dialogue = new Dialogue();
  #phase: Phase = 'opening';
  /** Replies that will come, oldest first; commands not yet said. */
  #awaited: Awaited[] = ['greeting'];
  #unsaid: Command[] = [];
  #transaction: ClientTransaction | undefined;
  /** A transaction was left half-way: RSET before the next one. */
  #needsReset = false;
  #actions: ClientAction[] = [];
  #replyCount = 0;

  constructor(options: ClientOptions) {
    this.#opening = new ClientOpening(options);
  }

  get offers(): Offers {
    return this.#opening.offers;
  }

  get dialogue(): readonly string[] {
    return this.#dialogue.lines;
  }

  get isReady(): boolean {
    return this.#phase === 'ready';
  }

  /** What the other side owes us, so that the session knows how long to wait; undefined when it is our turn. */
  get waitingFor(): ClientStage | undefined {
    const [first] = this.#awaited;
    return first === undefined ? undefined : stageOf(first);
  }

  /** Whole replies heard: a session renews its deadline for each, never for mere bytes, or a slow drip would hold it for ever. */
  get replyCount(): number {
    return this.#replyCount;
  }

  receive(bytes: Buffer): ClientAction[] {
    this.#reader.push(bytes);
    while (this.#phase !== 'over' && this.#phase !== 'handshake') {
      const reply = this.#reader.next();
      if (reply === undefined) break;
      if ('ok' in reply) {
        this.#dialogue.note(`an answer that is none: ${reply.why}`);
        this.#breakOff('badReply');
      } else this.#hear(reply);
    }
    return this.#take();
  }

  /** The handshake asked for by `startTls` is done. */
  tlsStarted(): ClientAction[] {
    if (this.#phase !== 'handshake') throw new Error('tlsStarted() without startTls');
    this.#phase = 'opening';
    this.#dialogue.note('TLS from here on');
    this.#open(this.#opening.afterHandshake());
    return this.#take();
  }

  /** Begins a message; only when ready. */
  send(message: ClientMessage): ClientAction[] {
    if (this.#phase !== 'ready') throw new Error('send() before the connection is ready');
    this.#dialogue.startMessage();
    this.#transaction = new ClientTransaction(message, this.offers);
    if (!this.#transaction.hasTakers) this.#finish();
    else {
      this.#phase = 'envelope';
      if (this.#needsReset) this.#unsaid.push({ line: 'RSET', awaited: 'rset' });
      this.#needsReset = false;
      this.#unsaid.push(...this.#transaction.commands(this.offers));
      this.#pump();
    }
    return this.#take();
  }

  /** The bytes to write for a piece of the message; nothing after a fault or an early verdict, which `pending` tells. */
  content(chunk: Buffer): readonly Buffer[] {
    const framing = this.#phase === 'content' ? this.#transaction?.framing : undefined;
    if (framing === undefined) return [];
    const framed = framing.push(chunk);
    if (!framed.ok) return this.#badContent(framed.at, framed.why);
    for (const line of framing.takeCommands()) {
      this.#dialogue.say(line);
      this.#awaited.push('chunk');
    }
    return framed.value;
  }

  /** The bytes that end the message. From here until the reply nobody knows whether it was taken. */
  contentEnd(): readonly Buffer[] {
    const framing = this.#phase === 'content' ? this.#transaction?.framing : undefined;
    if (framing === undefined) return [];
    const framed = framing.end();
    if (!framed.ok) return this.#badContent(framed.at, framed.why);
    this.#dialogue.say(`(${framing.octets} octets of content)`);
    for (const line of framing.isChunked ? framing.takeCommands() : ['.']) this.#dialogue.say(line);
    this.#awaited.push('content');
    return framed.value;
  }

  /** Actions that came about in `content` or `contentEnd`. */
  pending(): ClientAction[] {
    return this.#take();
  }

  /** The connection is gone, or the session gives up; `detail` is for the dialogue. */
  lost(trouble: Trouble, detail = ''): ClientAction[] {
    if (this.#phase !== 'over') {
      this.#dialogue.note(detail === '' ? trouble : `${trouble}: ${detail}`);
      if (this.#phase === 'leaving') this.#hangUp('quit', null, null);
      else this.#breakOff(trouble);
    }
    return this.#take();
  }

  quit(): ClientAction[] {
    if (this.#phase === 'ready') {
      this.#phase = 'leaving';
      this.#say({ line: 'QUIT', awaited: 'quit' });
    }
    return this.#take();
  }

  #take(): ClientAction[] {
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #say(...commands: readonly Command[]): void {
    let text = '';
    for (const { line, awaited, shown } of commands) {
      text += `${line}\r\n`;
      this.#awaited.push(awaited);
      this.#dialogue.say(shown ?? line);
    }
    this.#actions.push({ do: 'say', text });
  }

  #hear(reply: Reply): void {
    this.#dialogue.hear(reply.lines);
    this.#replyCount++;
    const awaited = this.#awaited.shift();
    // A 421 may come at any time (RFC 5321 §3.8), also to nobody's question; any other such line is a broken server.
    if (awaited === undefined) this.#onUnasked(reply);
    else if (reply.code === 421) this.#onClosing(stageOf(awaited), reply);
    else this.#answer(awaited, reply);
  }

  #onUnasked(reply: Reply): void {
    if (reply.code < 400) return this.#breakOff('badReply');
    // In the middle of the content this is the verdict, spoken early; the rest must not follow it as commands.
    return this.#onClosing(this.#phase === 'content' ? 'content' : 'mail', reply);
  }

  #onClosing(stage: ClientStage, reply: Reply): void {
    this.#transaction?.settleRest({ outcome: 'refused', stage, reply });
    this.#finish();
    this.#hangUp(stage, stage === 'quit' ? null : reply, null);
  }

  #answer(awaited: Awaited, reply: Reply): void {
    if (typeof awaited === 'number') return this.#onRcpt(awaited, reply);
    switch (awaited) {
      case 'greeting':
      case 'ehlo':
      case 'helo':
      case 'starttls':
      case 'auth':
        return this.#open(this.#opening.answer(awaited, reply));
      case 'rset':
        return isPositive(reply) ? this.#pump() : this.#breakOff('badReply');
      case 'mail':
        return this.#onMail(reply);
      case 'data':
        return this.#onData(reply);
      case 'chunk':
        return this.#onChunk(reply);
      case 'content':
        return this.#onVerdict(reply);
      case 'quit':
        return this.#hangUp('quit', null, null);
      default:
        return unreachable(awaited);
    }
  }

  #open(step: OpeningStep): void {
    switch (step.next) {
      case 'say':
        return this.#say(step);
      case 'handshake':
        // SECURITY: what was sent in clear before the handshake may be anybody's, and would be taken for the server's word (RFC 3207 §6).
        if (this.#reader.hasRest) return this.#breakOff('badReply');
        this.#phase = 'handshake';
        return void this.#actions.push({ do: 'startTls' });
      case 'ready':
        this.#phase = 'ready';
        return void this.#actions.push({ do: 'ready' });
      case 'giveUp':
        return this.#hangUp(step.stage, step.reply, step.trouble);
      default:
        return unreachable(step);
    }
  }

  /** Says all that may be said now: everything where PIPELINING is offered (RFC 2920 §3.1), else the next command. */
  #pump(): void {
    if (this.#phase !== 'envelope' || this.#awaited.length > 0) return;
    if (this.#unsaid.length === 0) return this.#envelopeSaid();
    return this.#say(...this.#unsaid.splice(0, this.offers.pipelining ? this.#unsaid.length : 1));
  }

  #onMail(reply: Reply): void {
    if (!isPositive(reply)) {
      if (reply.code < 400) return this.#breakOff('badReply');
      this.#transaction?.settleRest({ outcome: 'refused', stage: 'mail', reply });
      this.#unsaid = [];
    }
    return this.#pump();
  }

  #onRcpt(at: number, reply: Reply): void {
    if (reply.code >= 300 && reply.code < 400) return this.#breakOff('badReply');
    if (!isPositive(reply)) this.#transaction?.settleOne(at, { outcome: 'refused', stage: 'rcpt', reply });
    // Nobody left: without pipelining DATA was not said yet, and is not.
    if (this.#transaction?.hasTakers === false) this.#unsaid = [];
    return this.#pump();
  }

  /** All commands are answered and DATA is not among them: BDAT may begin, or nobody wanted the message. */
  #envelopeSaid(): void {
    if (this.#transaction?.hasTakers === true && this.#transaction?.framing.isChunked === true) return this.#startContent();
    this.#needsReset = true;
    return this.#finish();
  }

  #onData(reply: Reply): void {
    if (reply.code === 354) {
      if (this.#transaction?.hasTakers === true) return this.#startContent();
      // RFC 2920 §3.1: said too early, so an empty message is sent to nobody, and what is answered to it does not matter.
      this.#awaited.push('content');
      this.#dialogue.say('.');
      return void this.#actions.push({ do: 'say', text: '.\r\n' });
    }
    if (reply.code < 400) return this.#breakOff('badReply');
    this.#transaction?.settleRest({ outcome: 'refused', stage: 'data', reply });
    this.#needsReset = true;
    return this.#finish();
  }

  #startContent(): void {
    this.#phase = 'content';
    this.#actions.push({ do: 'sendContent' });
  }

  #onChunk(reply: Reply): void {
    if (isPositive(reply)) return;
    this.#transaction?.settleRest({ outcome: 'refused', stage: 'content', reply });
    // RFC 3030 §2: the transaction is lost. Chunks already on their way make the state of the other side a guess, so leave.
    this.#finish();
    this.#hangUp('content', null, null);
  }

  #onVerdict(reply: Reply): void {
    if (reply.code >= 300 && reply.code < 400) return this.#breakOff('badReply');
    this.#transaction?.settleRest(isPositive(reply) ? { outcome: 'taken', reply } : { outcome: 'refused', stage: 'content', reply });
    return this.#finish();
  }

  #badContent(at: number, why: string): readonly Buffer[] {
    this.#dialogue.note(`${why} at octet ${at} of the message, which is never sent: giving up`);
    this.#breakOff('badContent');
    return [];
  }

  /** Tells the outcomes; the connection is free for the next message. */
  #finish(): void {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    if (this.#phase === 'content' && !transaction.framing.isEnded) this.#actions.push({ do: 'stopContent' });
    this.#transaction = undefined;
    this.#phase = 'ready';
    this.#actions.push({ do: 'done', outcomes: transaction.outcomes });
  }

  #breakOff(trouble: Trouble): void {
    const stage = this.waitingFor ?? (this.#phase === 'content' ? 'content' : this.#phase === 'handshake' ? 'starttls' : 'mail');
    const mayBeTaken = this.#phase === 'content' && this.#transaction?.framing.isEnded === true;
    this.#transaction?.settleRest({ outcome: 'broken', stage, trouble, mayBeTaken });
    this.#finish();
    this.#hangUp(stage, null, trouble);
  }

  #hangUp(stage: ClientStage, reply: Reply | null, trouble: Trouble | null): void {
    this.#phase = 'over';
    this.#awaited = [];
    this.#unsaid = [];
    this.#actions.push({ do: 'hangUp', stage, reply, trouble });
  }
}
