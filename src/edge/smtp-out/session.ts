/**
 * One connection to another server: a socket, the client machine that says what
 * to do on it, and a deadline for every wait. Messages go over it one after the
 * other; content is streamed no faster than the other side reads.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { type ClientAction, SmtpClientMachine } from '../../codec/smtp/client-machine.ts';
import type { ClientMessage, RecipientOutcome, Trouble } from '../../codec/smtp/client-message.ts';
import type { Reply } from '../../codec/smtp/reply.ts';
import type { ReplyStage, TlsFacts } from '../../core/step.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Deadlines, Watched } from '../net/deadlines.ts';
import type { Candidate } from './route.ts';
import type { Timeouts } from './timeouts.ts';
import { factsOf, type TlsPlan, tlsOptions } from './tls-policy.ts';

export type SessionOptions = Readonly<{
  candidate: Candidate;
  plan: TlsPlan;
  /** For EHLO. */
  name: string;
  auth?: Readonly<{ user: string; password: string }>;
  localAddress?: string;
  context: SecureContext;
  deadlines: Deadlines;
  timeouts: Timeouts;
  /** Something of ours threw: the connection is given up, the process lives on. */
  onBug(bug: unknown): void;
}>;

export type Content = AsyncIterable<Uint8Array> | Uint8Array;
/** Why a connection never got to the point of taking a message, or stopped being able to. */
export type SessionEnd = Readonly<{ stage: ReplyStage; reply: Reply | null; trouble: Trouble | 'connectFailed' | null }>;

/** Content up to here is written in one go, without a promise. */
const INLINE_BYTES = 262_144;
/** Pieces in which larger content is offered to the socket, each with its own deadline. */
const PIECE_BYTES = 65_536;

export class OutSession implements Watched {
  dueAt = Number.POSITIVE_INFINITY;
  readonly candidate: Candidate;
  tls: TlsFacts | null = null;
  /** Set when the connection is of no further use. */
  end: SessionEnd | undefined;
  /** Messages begun on this connection. */
  messages = 0;
  readonly openedAt: number;
  /** Told once, when the connection is over. */
  onEnd: (() => void) | undefined;

  readonly #options: SessionOptions;
  readonly #machine: SmtpClientMachine;
  #socket: Socket | TLSSocket;
  #isConnected = false;
  #connectTrouble = '';
  #messageDueAt = Number.POSITIVE_INFINITY;
  /** Resolves when messages may be sent, or with `end` set when they never will. */
  readonly opened: Promise<void>;
  #wakeOpener: (() => void) | undefined;
  #done: ((outcomes: readonly RecipientOutcome[]) => void) | undefined;
  #content: (() => Content) | undefined;
  #isFeeding = false;
  #isShaking = false;
  #wakeWriter: (() => void) | undefined;

  /** Begins to connect. */
  constructor(options: SessionOptions) {
    const { candidate, plan, name, auth, localAddress } = options;
    this.#options = options;
    this.candidate = candidate;
    this.openedAt = performance.now();
    this.#machine = new SmtpClientMachine({
      name,
      startTls: plan.startTls,
      isSecure: plan.isImplicit,
      ...(auth === undefined ? {} : { auth }),
    });
    this.opened = new Promise((resolve) => {
      this.#wakeOpener = resolve;
    });
    this.#socket = connectTcp({
      host: candidate.ip,
      port: candidate.port,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    options.deadlines.watch(this);
    this.#expect('connect');
    this.#listen(this.#socket);
    this.#socket.on('error', this.#onError);
    this.#socket.once('connect', () => this.#connected());
  }

  get isReady(): boolean {
    return this.end === undefined && this.#machine.isReady;
  }

  /** What is asked of delivery reports is passed on to this server. */
  get knowsDsn(): boolean {
    return this.#machine.offers.dsn;
  }

  get dialogue(): readonly string[] {
    return this.#isConnected
      ? this.#machine.dialogue
      : [`-- no connection to ${this.candidate.ip} port ${this.candidate.port}: ${this.#connectTrouble}`];
  }

  /** Sends one message; only when ready. `content` is called at most once, when the server wants it. */
  send(message: ClientMessage, content: () => Content): Promise<readonly RecipientOutcome[]> {
    this.messages++;
    this.#messageDueAt = this.#options.deadlines.now + this.#options.timeouts.message;
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#content = content;
      this.#obey(this.#machine.send(message));
      this.#expectReply();
    });
  }

  /** From here on the connection only waits, for the next message or for its end. */
  rest(): void {
    this.#expect('idle');
  }

  /** Says goodbye and closes; at once when something is under way. */
  close(): void {
    if (this.end !== undefined) return;
    if (!this.#machine.isReady) return this.giveUp('cancelled');
    this.#obey(this.#machine.quit());
    this.#expect('quit');
  }

  giveUp(trouble: Trouble, detail?: string): void {
    if (this.end !== undefined) return;
    if (!this.#isConnected)
      return this.#over(
        { stage: 'connect', reply: null, trouble: trouble === 'connectionLost' ? 'connectFailed' : trouble },
        detail ?? trouble,
      );
    this.#obey(this.#machine.lost(trouble, detail));
  }

  overdue(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    if (this.#machine.isReady && this.#done === undefined) this.close();
    else this.giveUp(this.#isShaking ? 'tlsFailed' : 'timeout', 'no answer in time');
  }

  #expect(wait: keyof Timeouts): void {
    this.dueAt = Math.min(
      this.#options.deadlines.now + this.#options.timeouts[wait],
      wait === 'idle' ? Number.POSITIVE_INFINITY : this.#messageDueAt,
    );
  }

  #expectReply(): void {
    const stage = this.#machine.waitingFor;
    if (stage !== undefined) this.#expect(stage);
  }

  #listen(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('end', this.#onClose);
    socket.on('close', this.#onClose);
  }

  /** All but 'error': an error nobody listens to would end the process. */
  #unlisten(socket: Socket): void {
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('end', this.#onClose);
    socket.off('close', this.#onClose);
  }

  #connected(): void {
    this.#isConnected = true;
    if (this.#options.plan.isImplicit) this.#secure(() => this.#expectReply());
    else this.#expectReply();
  }

  #startTls(): void {
    this.#secure(() => {
      this.#obey(this.#machine.tlsStarted());
      this.#expectReply();
    });
  }

  /** Puts TLS on the connection. A failure ends it; whether to come back in clear is the courier's to decide. */
  #secure(then: () => void): void {
    const raw = this.#socket;
    this.#unlisten(raw);
    // From here on trouble of the socket is trouble of the handshake, and is told by the TLS socket.
    raw.off('error', this.#onError);
    raw.on('error', ignore);
    this.#isShaking = true;
    this.#expect('handshake');
    const { plan, candidate, context } = this.#options;
    const secure = connectTls({ socket: raw, ...tlsOptions(plan, { host: candidate.host, context }) });
    this.#socket = secure;
    const fail = (trouble?: Error | boolean): void => {
      // Set when the handshake went well but the certificate did not convince.
      const isUnproven = secure.authorizationError !== null && secure.authorizationError !== undefined;
      this.giveUp(isUnproven ? 'tlsNotProven' : 'tlsFailed', trouble instanceof Error ? trouble.message : 'closed by the other side');
    };
    secure.once('error', fail);
    secure.once('close', fail);
    secure.once('secureConnect', () => {
      secure.off('close', fail);
      secure.off('error', fail);
      secure.on('error', this.#onError);
      this.#isShaking = false;
      if (this.end !== undefined) return;
      this.tls = factsOf(secure);
      this.#listen(secure);
      this.#guarded(then);
    });
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#guarded(() => {
      const before = this.#machine.replyCount;
      this.#obey(this.#machine.receive(bytes));
      // A new reply renews the patience; mere bytes do not.
      if (this.#machine.replyCount !== before && !this.#isFeeding) this.#expectReply();
    });
  };

  #guarded(work: () => void): void {
    try {
      work();
    } catch (bug) {
      this.#options.onBug(bug);
      this.giveUp('cancelled', 'a fault on our side');
    }
  }

  readonly #onDrain = (): void => this.#wake();

  readonly #onError = (trouble: Error): void => this.giveUp('connectionLost', trouble.message);

  readonly #onClose = (): void => this.giveUp('connectionLost', 'closed by the other side');

  #obey(actions: readonly ClientAction[]): void {
    for (const action of actions) {
      switch (action.do) {
        case 'say':
          this.#socket.write(action.text);
          break;
        case 'startTls':
          this.#startTls();
          break;
        case 'ready':
          this.#wakeOpener?.();
          break;
        case 'sendContent':
          this.#sendContent();
          break;
        case 'stopContent':
          this.#wake();
          break;
        case 'done':
          this.#finish(action.outcomes);
          break;
        case 'hangUp':
          this.#over({ stage: action.stage, reply: action.reply, trouble: action.trouble });
          break;
        default:
          unreachable(action);
      }
    }
  }

  #finish(outcomes: readonly RecipientOutcome[]): void {
    const done = this.#done;
    this.#done = undefined;
    this.#content = undefined;
    this.#messageDueAt = Number.POSITIVE_INFINITY;
    done?.(outcomes);
  }

  #over(end: SessionEnd, connectTrouble = ''): void {
    if (this.end !== undefined) return;
    this.end = end;
    this.#connectTrouble = connectTrouble;
    this.#options.deadlines.forget(this);
    this.#unlisten(this.#socket);
    this.#socket.destroy();
    this.#wake();
    this.#wakeOpener?.();
    this.onEnd?.();
  }

  #sendContent(): void {
    const content = this.#ownContent();
    if (content === undefined) return;
    if (content instanceof Uint8Array && content.length <= INLINE_BYTES) {
      this.#socket.cork();
      this.#write(this.#machine.content(asBuffer(content)));
      this.#write(this.#machine.contentEnd());
      this.#socket.uncork();
      this.#obey(this.#machine.pending());
    } else void this.#feed(content instanceof Uint8Array ? piecesOf(content) : content);
  }

  /** The content, asked of the store only now that it is wanted. */
  #ownContent(): Content | undefined {
    try {
      return this.#content?.();
    } catch (trouble) {
      this.giveUp('contentLost', messageOf(trouble));
      return undefined;
    }
  }

  /** Streams content; each piece must leave within its deadline. Stops when the verdict comes early or the connection ends. */
  async #feed(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    this.#isFeeding = true;
    this.#expect('block');
    try {
      for await (const chunk of content) {
        if (this.#isStopped()) break;
        const isFree = this.#write(this.#machine.content(asBuffer(chunk)));
        this.#obey(this.#machine.pending());
        this.#expect('block');
        if (!isFree) await this.#drained();
        if (this.#isStopped()) break;
      }
      this.#isFeeding = false;
      if (!this.#isStopped()) {
        this.#write(this.#machine.contentEnd());
        this.#obey(this.#machine.pending());
        this.#expectReply();
      }
    } catch (trouble) {
      // Our own store failed: nothing was ended, so nothing was delivered.
      this.#isFeeding = false;
      this.giveUp('contentLost', messageOf(trouble));
    }
  }

  #isStopped(): boolean {
    return this.end !== undefined || this.#done === undefined;
  }

  #write(pieces: readonly Buffer[]): boolean {
    let isFree = true;
    if (pieces.length > 1) this.#socket.cork();
    for (const piece of pieces) isFree = this.#socket.write(piece);
    if (pieces.length > 1) this.#socket.uncork();
    return isFree;
  }

  #drained(): Promise<void> {
    if (this.#isStopped() || !this.#socket.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  #wake(): void {
    const wake = this.#wakeWriter;
    this.#wakeWriter = undefined;
    wake?.();
  }
}

const messageOf = (trouble: unknown): string => (trouble instanceof Error ? trouble.message : String(trouble));
const ignore = (): void => {};

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

function* piecesOf(content: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += PIECE_BYTES) yield content.subarray(at, at + PIECE_BYTES);
}
