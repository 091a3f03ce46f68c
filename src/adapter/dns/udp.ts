/**
 * UDP sockets to DNS servers. Making a socket costs more than asking a question,
 * so each serves a few questions and then goes: the port stays as hard to guess
 * as RFC 5452 §9.2 wants, since a forger must hit one of few, soon changed ports
 * and the id of a question that is open on just that one.
 */
import { createSocket, type Socket } from 'node:dgram';
import { decodeMessage, type DnsMessage, encodeMessage } from '../../codec/dns/message.ts';
import { type DnsServer, type Exchanged, isAnswerTo, type Patience } from './exchange.ts';

/** Sockets in use for one server at once. */
const LINES = 8;
/** Questions one socket asks, and how long it may live. */
const QUESTIONS_PER_LINE = 64;
const LINE_AGE_MS = 10_000;
/** Answers to other questions than ours before a socket is given up: SECURITY: somebody is guessing ids. */
const STRAY_LIMIT = 50;

type Open = Readonly<{ query: DnsMessage; finish(result: Exchanged): void }>;

export class UdpLines {
  readonly #lines = new Map<string, Line[]>();

  /** Asks over one of the server's sockets, whichever the question's random id falls on. */
  ask(server: DnsServer, query: DnsMessage, { clock, timeoutMs }: Patience): Promise<Exchanged> {
    return new Promise((resolve) => {
      const line = this.#lineFor(server, query.id);
      const finish = (result: Exchanged): void => {
        stop();
        line.forget(query.id);
        resolve(result);
      };
      const stop = clock.after(timeoutMs, () => finish({ ok: false, why: 'timeout' }));
      line.ask({ query, finish });
    });
  }

  close(): void {
    for (const lines of this.#lines.values()) for (const line of lines) line.retire();
    this.#lines.clear();
  }

  #lineFor(server: DnsServer, id: number): Line {
    const key = `${server.host} ${server.port}`;
    const lines = (this.#lines.get(key) ?? []).filter((line) => line.isFresh);
    this.#lines.set(key, lines);
    const at = id % LINES;
    const chosen = lines[at];
    if (chosen !== undefined && !chosen.isAsking(id)) return chosen;
    const line = new Line(server);
    if (lines.length < LINES) lines.push(line);
    else {
      lines[at]?.retire();
      lines[at] = line;
    }
    return line;
  }
}

/** One socket, connected, so that it hears its server only. */
class Line {
  readonly #socket: Socket;
  readonly #open = new Map<number, Open>();
  readonly #bornAt = performance.now();
  #isConnected = false;
  #isRetired = false;
  #isClosed = false;
  #asked = 0;
  #strays = 0;

  constructor(server: DnsServer) {
    this.#socket = createSocket(server.host.includes(':') ? 'udp6' : 'udp4');
    this.#socket.on('error', (trouble) => this.#fail(trouble.message));
    this.#socket.on('message', (bytes) => this.#hear(bytes));
    this.#socket.connect(server.port, server.host, () => {
      this.#isConnected = !this.#isClosed;
      for (const { query } of this.#open.values()) this.#send(query);
    });
  }

  get isFresh(): boolean {
    const isFresh = !this.#isRetired && this.#asked < QUESTIONS_PER_LINE && performance.now() - this.#bornAt < LINE_AGE_MS;
    if (!isFresh) this.retire();
    return isFresh;
  }

  isAsking(id: number): boolean {
    return this.#open.has(id);
  }

  ask(open: Open): void {
    if (this.#open.size === 0) this.#socket.ref();
    this.#open.set(open.query.id, open);
    this.#asked++;
    if (this.#isConnected) this.#send(open.query);
  }

  forget(id: number): void {
    this.#open.delete(id);
    if (this.#open.size > 0) return;
    if (this.#isRetired) this.#close();
    // Nothing is expected: the socket alone keeps no process alive.
    else this.#socket.unref();
  }

  /** Asks nothing more, and closes when all is answered. */
  retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    if (this.#open.size === 0) this.#close();
  }

  #send(query: DnsMessage): void {
    this.#socket.send(encodeMessage(query), (trouble) => {
      if (trouble !== null) this.#fail(trouble.message);
    });
  }

  /** What is no answer of ours is passed over, not believed and not an end: the real one may follow. */
  #hear(bytes: Buffer): void {
    const open = bytes.length >= 2 ? this.#open.get(bytes.readUInt16BE(0)) : undefined;
    const read = open === undefined ? undefined : decodeMessage(bytes);
    if (open !== undefined && read?.ok === true && isAnswerTo(open.query, read.value)) {
      open.finish({ ok: true, answer: read.value, octets: bytes.length });
    } else if (open !== undefined && read?.ok === false && isCut(bytes)) {
      open.finish({ ok: true, answer: { ...open.query, isResponse: true, truncated: true }, octets: bytes.length });
    } else if (++this.#strays > STRAY_LIMIT) this.#fail('too many answers that are not ours');
  }

  #fail(why: string): void {
    this.#isRetired = true;
    for (const open of this.#open.values().toArray()) open.finish({ ok: false, why });
    this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}

/** QUIRK: some servers cut a truncated answer in the middle of a record; TC still says that TCP has the rest. */
const isCut = (bytes: Buffer): boolean => bytes.length >= 12 && (bytes.readUInt16BE(2) & 0x8200) === 0x8200;
