/**
 * Listening: sockets become Connections, implicit TLS is shaken first, limits
 * hold in total and per neighbour, and closing lets sessions say goodbye.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { neighbourhood, parseIp } from '../../codec/net/ip.ts';
import { Connection, type Endpoint, type Session } from './connection.ts';
import { Deadlines } from './deadlines.ts';
import type { TlsOffer } from './tls-session.ts';

export type ConnectionLimits = Readonly<{
  total: number;
  /** From one address: one IPv4 address, one IPv6 /64. */
  perAddress: number;
}>;

/** 10,000 idle TLS connections take half a gigabyte (design/stack.md §4). */
const DEFAULT_LIMITS: ConnectionLimits = { total: 10_000, perAddress: 100 };
/** What `close()` waits for sessions to finish. */
const DRAIN_MS = 10_000;
/** Connections the kernel holds for us while we are busy. */
const BACKLOG = 1_024;

export type ListenOptions = Readonly<{
  host: string;
  /** 0 for any free one. */
  port: number;
  /** Several processes or threads on one port, the kernel divides. */
  reusePort?: boolean;
  /** Implicit TLS: the session begins when the handshake is done. */
  tls?: TlsOffer;
  limits?: Partial<ConnectionLimits>;
  /** What a caller beyond the limits reads before it is closed (never on implicit TLS). */
  refusal?: string;
  onConnection(connection: Connection): Session;
  /** A bug in a session, or (without a connection) trouble with accepting: for the log. */
  onBug?(bug: unknown, connection: Connection | undefined): void;
  deadlines?: Deadlines;
}>;

export interface Listener {
  readonly address: Endpoint;
  readonly connections: number;
  /** Stops accepting, asks sessions to end, and cuts off those that have not within `withinMs`. */
  close(withinMs?: number): Promise<void>;
}

export async function listen(options: ListenOptions): Promise<Listener> {
  const door = new Door(options);
  await door.open();
  return door;
}

class Door implements Listener {
  readonly #options: ListenOptions;
  readonly #limits: ConnectionLimits;
  readonly #deadlines: Deadlines;
  readonly #server: Server;
  readonly #open = new Set<Connection>();
  /** Connections per neighbour; an entry is gone with its last connection. */
  readonly #perAddress = new Map<string, number>();
  #closing: Promise<void> | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#deadlines = options.deadlines ?? new Deadlines();
    // Half-open is allowed so that a peer which has said everything still reads our answers; sessions end such connections.
    this.#server = createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  get address(): Endpoint {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? { ip: '', port: 0 } : { ip: address.address, port: address.port };
  }

  get connections(): number {
    return this.#open.size;
  }

  open(): Promise<void> {
    const { host, port, reusePort = false } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, reusePort, backlog: BACKLOG }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (trouble) => this.#options.onBug?.(trouble, undefined));
        resolve();
      });
    });
  }

  close(withinMs: number = DRAIN_MS): Promise<void> {
    this.#closing ??= this.#close(withinMs);
    return this.#closing;
  }

  async #close(withinMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#open) connection.shutdown();
    const cut = setTimeout(() => {
      for (const connection of this.#open) connection.destroy(new Error('the server is closing'));
    }, withinMs);
    await closed;
    // The server forgets a socket a moment before its session has heard of the end.
    while (this.#open.size > 0) await new Promise((resolve) => setImmediate(resolve));
    clearTimeout(cut);
  }

  #accept(socket: Socket): void {
    const neighbour = neighbourOf(socket.remoteAddress);
    const here = this.#perAddress.get(neighbour) ?? 0;
    if (this.#open.size >= this.#limits.total || here >= this.#limits.perAddress) return this.#turnAway(socket);
    this.#perAddress.set(neighbour, here + 1);
    const connection = new Connection(socket, {
      deadlines: this.#deadlines,
      onBug: (bug, where) => this.#options.onBug?.(bug, where),
      onClosed: (gone) => this.#forget(gone, neighbour),
    });
    this.#open.add(connection);
    if (this.#options.tls === undefined) this.#begin(connection);
    else this.#beginSecure(connection, this.#options.tls);
  }

  #begin(connection: Connection): void {
    try {
      connection.attach(this.#options.onConnection(connection));
    } catch (bug) {
      this.#options.onBug?.(bug, connection);
      connection.destroy();
    }
  }

  /** Until the handshake is done nobody speaks for the protocol. */
  #beginSecure(connection: Connection, offer: TlsOffer): void {
    const waiting: Session = {
      onBytes: () => connection.destroy(),
      onDeadline: () => connection.destroy(),
      onShutdown: () => connection.destroy(),
      onEnd: () => connection.destroy(),
      onSecure: () => this.#begin(connection),
      onClose: () => {},
    };
    connection.attach(waiting);
    connection.upgrade(offer);
  }

  #turnAway(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const { refusal, tls } = this.#options;
    if (refusal === undefined || tls !== undefined) socket.destroy();
    // Destroyed once it is sent: a caller beyond the limits may not stay by leaving its side open.
    else socket.end(refusal, () => socket.destroy());
  }

  #forget(connection: Connection, neighbour: string): void {
    this.#open.delete(connection);
    const left = (this.#perAddress.get(neighbour) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(neighbour);
    else this.#perAddress.set(neighbour, left);
  }
}

function neighbourOf(address = ''): string {
  if (!address.includes(':')) return address;
  const ip = parseIp(address);
  return ip.ok ? neighbourhood(ip.value, { v4: 32, v6: 64 }) : '';
}
