/**
 * One accepted connection, plain or TLS, as a protocol session sees it: bytes
 * come in, replies go out in one joined write per batch, a peer that does not
 * read stops being read, and a deadline ends every wait.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Deadlines, Watched } from './deadlines.ts';
import { plainIp } from './plain-ip.ts';
import { serverTls, sessionOf, type TlsOffer, type TlsSession } from './tls-session.ts';

/** What a protocol does with its connection. All are called synchronously, never after `onClose`. */
export interface Session {
  /** The bytes are the session's to keep. Replies written here leave together when it returns. */
  onBytes(bytes: Buffer): void;
  /** The moment set with `expectWithin` has passed. Say goodbye and `end()`, or set another. */
  onDeadline(): void;
  /** The server is closing: finish what is open, say goodbye, `end()`. */
  onShutdown(): void;
  /** The peer will send nothing more but may still read: answer what is open, then `end()`. */
  onEnd(): void;
  /** The handshake that `upgrade` began is done and `connection.tls` is set. */
  onSecure?(): void;
  /** It is over, whoever ended it. Once. */
  onClose(trouble: Error | undefined): void;
}

export type Endpoint = Readonly<{ ip: string; port: number }>;

export type ConnectionHooks = Readonly<{
  deadlines: Deadlines;
  /** A session threw: a bug. The connection is destroyed, the process lives on. */
  onBug(bug: unknown, connection: Connection): void;
  onClosed(connection: Connection): void;
}>;

/** Collected output that is handed to the socket without waiting for the end of the batch. */
const COLLECT_LIMIT = 65_536;
/** SECURITY: octets waiting for a peer that does not read, after which it is cut off: nobody may fill our memory with answers. */
const UNREAD_LIMIT = 67_108_864;
/** A handshake takes two round trips; more than this is somebody holding the line. */
const HANDSHAKE_MS = 30_000;
/** How long a peer may leave our answers unread before it counts as gone. */
const STALL_MS = 300_000;
/** After `end()`: how long the peer has to close its side. */
const LINGER_MS = 10_000;

export class Connection implements Watched {
  readonly remote: Endpoint;
  /** Undefined while the line is in clear. */
  tls: TlsSession | undefined;
  dueAt = Number.POSITIVE_INFINITY;

  #socket: Socket | TLSSocket;
  #session: Session | undefined;
  readonly #hooks: ConnectionHooks;
  #text = '';
  #parts: (Uint8Array | string)[] = [];
  #collected = 0;
  /** In a batch, or a flush is promised: nothing more needs to be arranged for what is written. */
  #willFlush = false;
  #paused = false;
  #congested = false;
  #state: 'open' | 'shaking' | 'ending' | 'closed' = 'open';
  #trouble: Error | undefined;
  #abort: AbortController | undefined;
  #waitingForDrain: (() => void)[] = [];

  constructor(socket: Socket, hooks: ConnectionHooks) {
    this.#socket = socket;
    this.#hooks = hooks;
    this.remote = { ip: plainIp(socket.remoteAddress), port: socket.remotePort ?? 0 };
    hooks.deadlines.watch(this);
    this.#listen(socket);
  }

  /** Asked of the kernel only when somebody wants to know. */
  get local(): Endpoint {
    return { ip: plainIp(this.#socket.localAddress), port: this.#socket.localPort ?? 0 };
  }

  /** Who is told from now on. The listener does this with what `onConnection` gives back. */
  attach(session: Session): void {
    this.#session = session;
  }

  /** Aborted when the connection is over: for work nobody waits for any more. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#state === 'closed') this.#abort.abort();
    return this.#abort.signal;
  }

  get isOpen(): boolean {
    return this.#state === 'open' || this.#state === 'shaking';
  }

  /** The peer is not reading as fast as we write: producers of much wait for `drained()`. */
  get isCongested(): boolean {
    return this.#congested;
  }

  /** Resolves when the peer has caught up, or is gone. */
  drained(): Promise<void> {
    if (!this.#congested || !this.isOpen) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForDrain.push(resolve));
  }

  /** Text leaves as UTF-8. Everything written before the event loop turns leaves in one piece. */
  write(data: Uint8Array | string): void {
    if (this.#state !== 'open') return;
    if (typeof data === 'string') {
      this.#text += data;
    } else {
      this.#parts.push(this.#text, data);
      this.#text = '';
    }
    this.#collected += data.length;
    if (this.#collected > COLLECT_LIMIT) this.#flush();
    else if (!this.#willFlush) {
      this.#willFlush = true;
      queueMicrotask(() => {
        this.#willFlush = false;
        this.#flush();
      });
    }
  }

  /** Stops reading; the peer's sending stalls once the network's buffers are full. One more read may still arrive. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#congested) this.#socket.resume();
  }

  /** The clock of deadlines: milliseconds that only grow, a second behind at most. */
  get now(): number {
    return this.#hooks.deadlines.now;
  }

  /** `onDeadline` is called unless another moment is set within `ms`. Handshakes and closing have moments of their own. */
  expectWithin(ms: number): void {
    if (this.#state === 'open') this.#dueIn(ms);
  }

  #dueIn(ms: number): void {
    this.dueAt = this.#hooks.deadlines.now + ms;
  }

  /**
   * Begins a TLS handshake as the server; `onSecure` follows, or `onClose`.
   * SECURITY: whatever the peer sent in clear ahead of the handshake is dropped
   * here (RFC 3207 §6 and its published attack); the session drops what it holds.
   */
  upgrade(offer: TlsOffer): void {
    if (this.#state !== 'open' || this.tls !== undefined) throw new Error('TLS can begin once, on an open connection');
    this.#flush();
    this.#state = 'shaking';
    this.#dueIn(HANDSHAKE_MS);
    const raw = this.#socket;
    this.#unlisten(raw);
    while (raw.read() !== null);
    const secure = serverTls(raw, offer);
    this.#socket = secure;
    this.#paused = false;
    secure.once('secure', () => this.#secured(secure));
    secure.on('_tlsError', (trouble: Error) => {
      this.#trouble ??= trouble;
    });
    this.#listen(secure);
  }

  /** Sends what was written and closes. */
  end(): void {
    if (this.#state === 'shaking') return this.destroy();
    if (this.#state !== 'open') return;
    this.#flush();
    this.#state = 'ending';
    this.#dueIn(LINGER_MS);
    // Unread input would turn our goodbye into a reset (RFC 2525 §2.17): read on, into nothing.
    this.#socket.removeAllListeners('data');
    this.#socket.resume();
    this.#socket.end();
  }

  /** Closes at once; what was not sent is lost. */
  destroy(trouble?: Error): void {
    this.#trouble ??= trouble;
    this.#socket.destroy();
  }

  /** The server is closing. */
  shutdown(): void {
    if (this.#state === 'open' && this.#session !== undefined) this.#call((session) => session.onShutdown());
    else this.destroy();
  }

  overdue(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    if (this.#state !== 'open' || this.#congested || this.#session === undefined) return this.destroy(new Error('deadline passed'));
    this.#call((session) => session.onDeadline());
  }

  #listen(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** All but 'error': an error nobody listens to would end the process. */
  #unlisten(socket: Socket): void {
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
  }

  #secured(socket: TLSSocket): void {
    if (this.#state !== 'shaking') return;
    this.#state = 'open';
    this.tls = sessionOf(socket);
    this.dueAt = Number.POSITIVE_INFINITY;
    this.#call((session) => session.onSecure?.());
  }

  /** Runs a piece of the session; what it writes leaves together. */
  #call(part: (session: Session) => void): void {
    if (this.#session === undefined) return;
    const isInner = this.#willFlush;
    this.#willFlush = true;
    try {
      part(this.#session);
    } catch (bug) {
      this.#hooks.onBug(bug, this);
      this.destroy(bug instanceof Error ? bug : new Error(String(bug)));
    }
    this.#willFlush = isInner;
    if (!isInner) this.#flush();
  }

  readonly #onData = (bytes: Buffer): void => {
    // The session's part of the hot path, without the closure of #call.
    const session = this.#session;
    if (session === undefined) return;
    const isInner = this.#willFlush;
    this.#willFlush = true;
    try {
      session.onBytes(bytes);
    } catch (bug) {
      this.#hooks.onBug(bug, this);
      this.destroy(bug instanceof Error ? bug : new Error(String(bug)));
    }
    this.#willFlush = isInner;
    if (!isInner) this.#flush();
  };

  #flush(): void {
    if (this.#collected === 0) return;
    this.#collected = 0;
    const [text, parts] = [this.#text, this.#parts];
    this.#text = '';
    if (this.#state !== 'open') return;
    let isFree: boolean;
    if (parts.length === 0) isFree = this.#socket.write(text);
    else {
      this.#parts = [];
      isFree = this.#writeAll(parts, text);
    }
    if (!isFree && !this.#congested) this.#stall();
    if (this.#congested && this.#socket.writableLength > UNREAD_LIMIT) this.destroy(new Error('the peer does not read'));
  }

  #writeAll(parts: readonly (Uint8Array | string)[], last: string): boolean {
    this.#socket.cork();
    let isFree = true;
    for (const part of parts) if (part.length > 0) isFree = this.#socket.write(part);
    if (last !== '') isFree = this.#socket.write(last);
    this.#socket.uncork();
    return isFree;
  }

  #stall(): void {
    this.#congested = true;
    this.#socket.pause();
    this.expectWithin(STALL_MS);
  }

  readonly #onDrain = (): void => {
    if (!this.#congested) return;
    this.#congested = false;
    this.expectWithin(STALL_MS);
    if (!this.#paused) this.#socket.resume();
    this.#wakeWriters();
  };

  #wakeWriters(): void {
    const waiting = this.#waitingForDrain;
    if (waiting.length === 0) return;
    this.#waitingForDrain = [];
    for (const wake of waiting) wake();
  }

  readonly #onEnd = (): void => {
    if (this.#state === 'open' && this.#session !== undefined) this.#call((session) => session.onEnd());
    // A second end() would cost an error object each time.
    else if (this.#state !== 'ending') this.#socket.end();
  };

  readonly #onError = (trouble: Error): void => {
    this.#trouble ??= trouble;
  };

  readonly #onClose = (): void => {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#hooks.deadlines.forget(this);
    this.#abort?.abort();
    this.#wakeWriters();
    this.#call((session) => session.onClose(this.#trouble));
    this.#session = undefined;
    this.#hooks.onClosed(this);
  };
}
