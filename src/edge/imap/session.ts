/**
 * One IMAP connection (RFC 9051 §3): takes commands from the decoder one after another, lets
 * their rows obey, tells what changed in between where it may be told, and says how each ended.
 * Commands that answer from memory are done within the read that brought them; while another
 * waits for the house, the next ones wait in the decoder.
 */
import { readCommandLine, tagOf } from '../../codec/imap/command-line.ts';
import { type DecoderEvent, ImapDecoder } from '../../codec/imap/decoder.ts';
import type { Connection, Session } from '../net/connection.ts';
import { type Answer, bad, formatAnswer } from './answer.ts';
import { Appending } from './appending.ts';
import { Client } from './client.ts';
import { capabilitiesFor, findCommand, whyNotNow } from './commands.ts';
import { type ImapHost, SERVER_NAME } from './host.ts';
import { newIncident } from './incident.ts';
import { Patience } from './patience.ts';
import { byeText, phraseTrouble } from './phrases.ts';
import type { Row } from './row.ts';
import { ConnectionWire } from './wire.ts';

/** Octets that may wait behind a running command before we stop reading. */
const WAITING_LIMIT = 262_144;
/** What a command under way may still take when the client's password was withdrawn; then it is broken off. */
const LOST_MS = 500;
/** How soon to look again when a deadline passes while we ourselves are at work. */
const AT_WORK_MS = 10_000;

type Current = Readonly<{ tag: string; holdsNumbers: boolean }>;

export class ImapSession implements Session {
  readonly #connection: Connection;
  readonly #host: ImapHost;
  readonly #wire: ConnectionWire;
  readonly #client: Client;
  #decoder = new ImapDecoder();
  #appending: Appending | undefined;
  /** The command being answered. */
  #current: Current | undefined;
  /** A promise of ours is under way: nothing more is read from the decoder, but for what a command asked. */
  #isAtWork = false;
  #isOver = false;
  /** The peer has sent its last, or the server wants to close: end when the work is done. */
  #endsBecause: string | undefined;
  /** What the client signed in with was taken away. */
  #isLost = false;
  #lostTimer: NodeJS.Timeout | undefined;
  readonly #patience: Patience;

  constructor(connection: Connection, host: ImapHost) {
    this.#connection = connection;
    this.#host = host;
    this.#wire = new ConnectionWire(connection);
    this.#client = new Client(host, this.#wire, capabilitiesFor);
    this.#client.onChange(() => this.#changed());
    this.#client.onLost((why) => this.#lost(byeText(why)));
    this.#patience = new Patience(host.clock);
    connection.expectWithin(this.#patience.leftMs);
    connection.write(`* OK [CAPABILITY ${this.#client.capabilities()}] ${SERVER_NAME} is listening\r\n`);
  }

  onBytes(bytes: Buffer): void {
    this.#heard();
    this.#decoder.push(bytes);
    this.#pump();
    if (this.#isAtWork && this.#decoder.waiting > WAITING_LIMIT) this.#connection.pause();
  }

  onDeadline(): void {
    const { leftMs } = this.#patience;
    if (leftMs > 0) this.#connection.expectWithin(leftMs);
    else if (this.#isAtWork && !this.#wire.isAsking) this.#connection.expectWithin(AT_WORK_MS);
    else this.#bye('Nothing was heard for too long');
  }

  onShutdown(): void {
    this.#endWhenDone('The server is closing');
  }

  onEnd(): void {
    this.#endWhenDone('');
  }

  onSecure(): void {
    this.#isAtWork = false;
    this.#heard();
  }

  onClose(): void {
    this.#isOver = true;
    clearTimeout(this.#lostTimer);
    this.#wire.answer(undefined);
    this.#abortAppend();
    this.#client.close();
  }

  /** SECURITY: no further command is obeyed. What runs may end, but not at leisure. */
  #lost(because: string): void {
    this.#isLost = true;
    this.#endWhenDone(because);
    this.#lostTimer = setTimeout(() => this.#breakOff(because), LOST_MS).unref();
  }

  /** Nothing can be said in the middle of a literal, nor to a client that does not read. */
  #breakOff(because: string): void {
    if (this.#wire.isMidLine || this.#connection.isCongested) this.#connection.destroy();
    else this.#bye(because);
  }

  #heard(): void {
    this.#patience.heard();
    this.#connection.expectWithin(Math.max(0, this.#patience.leftMs));
  }

  #endWhenDone(because: string): void {
    this.#endsBecause = because;
    if (this.#isAtWork && !this.#wire.isAsking) return;
    if (because === '') this.#connection.end();
    else this.#bye(because);
  }

  #bye(text: string): void {
    if (this.#isOver) return;
    this.#connection.write(`* BYE ${text}\r\n`);
    this.#hangUp();
  }

  #hangUp(): void {
    this.#isOver = true;
    this.#connection.end();
  }

  /** Takes what the decoder has, as long as nothing is under way that must end first. */
  #pump(): void {
    while (!this.#isOver && !this.#isLost && (!this.#isAtWork || this.#wire.isAsking)) {
      // Who does not read the answers is not asked for more commands.
      if (this.#connection.isCongested && !this.#wire.isAsking)
        return this.#work(
          () => this.#connection.drained(),
          () => {},
        );
      this.#decoder.expect(this.#wire.isAsking ? 'line' : 'command');
      const event = this.#decoder.next();
      if (event === undefined) break;
      this.#handle(event);
    }
    if (!this.#isOver && !this.#isAtWork && this.#endsBecause !== undefined) this.#endWhenDone(this.#endsBecause);
    else if (!this.#isAtWork || this.#decoder.waiting <= WAITING_LIMIT) this.#connection.resume();
  }

  #handle(event: DecoderEvent): void {
    switch (event.do) {
      case 'command':
        return this.#command(event.bytes);
      case 'line':
        return this.#wire.answer(event.bytes);
      case 'continue':
        return this.#connection.write('+ Go on\r\n');
      case 'message':
        return this.#message(event);
      case 'content':
        return this.#append((appending) => appending.write(event.bytes));
      case 'contentEnd':
        return this.#append((appending) => appending.endOfMessage());
      case 'messagesEnd':
        return this.#work(
          () => this.#appending?.end(event.bytes),
          (answer) => this.#endAppend(answer),
        );
      case 'complain':
        return this.#complain(tagOf(event.bytes), event.why);
      case 'hangUp':
        return this.#bye(event.why);
    }
  }

  #command(bytes: Buffer): void {
    const line = readCommandLine(bytes, this.#client.utf8);
    if (!line.ok) return this.#complain(tagOf(bytes), line.why);
    const { tag, name, cursor } = line.value;
    const row = findCommand(name);
    const why = row === undefined ? 'There is no such command' : whyNotNow(row, this.#client);
    if (row === undefined || why !== undefined) return this.#complain(tag, why ?? '');
    this.#begin(tag, row);
    const obey = (): Answer | Promise<Answer> => row.obey(cursor, this.#client, tag);
    this.#work<Answer>(this.#client.isSettled ? obey : () => this.#whenSettled(obey), (answer) => this.#finish(answer));
  }

  /** Takes note of the command to answer. New messages may be told at any time; told now, they also count for `*`. */
  #begin(tag: string, row: Row): void {
    this.#current = { tag, holdsNumbers: row.holdsNumbers };
    if (this.#client.isSettled) this.#client.tell(false);
  }

  async #whenSettled(obey: () => Answer | Promise<Answer>): Promise<Answer> {
    if (await this.#client.settled()) this.#client.tell(false);
    return this.#client.view === undefined || this.#client.isSettled ? obey() : bad('The open mailbox changed beyond telling');
  }

  #message({ bytes, isFirst, literal }: Extract<DecoderEvent, { do: 'message' }>): void {
    const refusal = isFirst ? this.#beginAppend(bytes, literal.size) : this.#appending?.more(bytes, literal.size);
    if (refusal !== undefined) return this.#refuseAppend(refusal);
    this.#decoder.accept();
    if (literal.waits) this.#connection.write('+ Go on\r\n');
  }

  #beginAppend(bytes: Buffer, size: number): Answer | undefined {
    const line = readCommandLine(bytes, this.#client.utf8);
    const row = line.ok ? findCommand(line.value.name) : undefined;
    if (!line.ok || row === undefined) throw new Error('the decoder announced a message outside APPEND');
    this.#begin(line.value.tag, row);
    this.#appending = new Appending(this.#client);
    return this.#appending.begin(line.value.cursor, size);
  }

  /** A step of an APPEND under way; an answer ends it in the middle. */
  #append(step: (appending: Appending) => Answer | undefined | void | Promise<Answer | undefined | void>): void {
    const appending = this.#appending;
    if (appending === undefined) throw new Error('content without an APPEND');
    const refuse = (refusal: Answer | undefined | void): void => {
      if (refusal !== undefined) this.#refuseAppend(refusal);
    };
    this.#work<Answer | undefined | void>(() => step(appending), refuse);
  }

  #refuseAppend(refusal: Answer): void {
    this.#decoder.refuse();
    this.#endAppend(refusal);
  }

  #endAppend(answer: Answer | undefined): void {
    this.#abortAppend();
    this.#finish(answer ?? bad('There was no message'));
  }

  #abortAppend(): void {
    this.#appending?.abort().catch((trouble: unknown) => this.#report(trouble));
    this.#appending = undefined;
  }

  /** Does a piece of work, now or when its promise is kept; trouble becomes the answer. */
  #work<T>(work: () => T | Promise<T>, then: (result: T | Answer) => void): void {
    const result = this.#attempt(work);
    if (result instanceof Promise) void this.#wait(result, then);
    else then(result);
  }

  #attempt<T>(work: () => T): T | Answer {
    try {
      return work();
    } catch (trouble) {
      return this.#report(trouble);
    }
  }

  async #wait<T>(work: Promise<T>, then: (result: T | Answer) => void): Promise<void> {
    this.#isAtWork = true;
    const result = await work.catch((trouble: unknown) => this.#report(trouble));
    if (!this.#client.isSettled) await this.#client.settled();
    this.#isAtWork = false;
    if (this.#isOver) return;
    try {
      then(result);
      this.#pump();
    } catch (bug) {
      this.#report(bug);
      this.#connection.destroy(bug instanceof Error ? bug : new Error(String(bug)));
    }
  }

  #report(trouble: unknown): Answer {
    const incident = newIncident(this.#host.dice);
    this.#host.onTrouble(incident, trouble);
    return phraseTrouble(trouble, incident);
  }

  #complain(tag: string | undefined, why: string): void {
    this.#current = undefined;
    this.#say(tag ?? '*', bad(why));
  }

  #finish(answer: Answer): void {
    const current = this.#current;
    this.#current = undefined;
    if (this.#isOver || current === undefined) return;
    const why = this.#whyLost();
    if (why !== undefined) return this.#bye(why);
    this.#client.tell(!current.holdsNumbers);
    this.#say(current.tag, answer);
    if (answer.next === 'hangUp') this.#hangUp();
    else if (answer.next === 'startTls') this.#startTls();
    else if (answer.next === 'signedIn') this.#trust();
  }

  /** Why the open mailbox cannot be told of any more: then only a new connection helps. */
  #whyLost(): string | undefined {
    const { view } = this.#client;
    if (view?.isDeleted === true) return 'The open mailbox was deleted';
    return view?.isCoherent === false ? 'The open mailbox changed beyond telling; please connect again' : undefined;
  }

  #say(tag: string, answer: Answer): void {
    this.#connection.write(`${tag} ${formatAnswer(answer)}\r\n`);
    if (this.#patience.isTooMuch(answer)) this.#bye('Too many errors');
  }

  #trust(): void {
    this.#decoder.trust();
    this.#patience.trust();
    this.#heard();
  }

  /** SECURITY: whatever came ahead of the handshake was never under TLS and is forgotten (RFC 9051 §6.2.1). */
  #startTls(): void {
    const { tls } = this.#host;
    if (tls === undefined) throw new Error('STARTTLS without a certificate');
    this.#decoder = new ImapDecoder();
    this.#isAtWork = true;
    this.#connection.upgrade(tls);
  }

  /** In IDLE news are told as they come, all that came together at once; to a client that does not read, when it has caught up. */
  #changed(): void {
    if (!this.#client.isIdle || this.#willTell) return;
    this.#willTell = true;
    void this.#connection.drained().then(() => {
      this.#willTell = false;
      this.#tellIdle();
    });
  }

  #willTell = false;

  #tellIdle(): void {
    const { view, isIdle } = this.#client;
    if (this.#isOver || !isIdle || view === undefined) return;
    if (view.isDeleted) this.#bye('The open mailbox was deleted');
    // Otherwise the rest of the news is on its way, and will bring us back here.
    else if (view.isCoherent) this.#client.tell(true);
  }
}
