/**
 * A second, quite different SMTP server that plays other people's: small,
 * line by line, and as rude as its character asks. The demo's other
 * organisations and the tests' peers are made of it; it is not for real mail.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/** What a character may know when it answers. */
export type PeerTalk = Readonly<{ ip: string; isTls: boolean; helo: string; from: string; parameters: string }>;
export type PeerMail = Readonly<{ from: string; to: readonly string[]; content: Buffer; isTls: boolean; at: number }>;

/** Each answer is a whole reply (`550 5.1.1 …`, several lines joined by \r\n), `drop` to hang up without a word, or undefined for yes. */
export type Character = Readonly<{
  hostName: string;
  greeting?(ip: string): string | undefined;
  /** Extension lines of EHLO; STARTTLS is added where there is a context. */
  extensions?: readonly string[];
  offersTls?(ip: string): boolean;
  onSender?(talk: PeerTalk): string | undefined;
  onRecipient?(address: string, talk: PeerTalk): string | undefined;
  /** At the final dot; a text is the reply instead of 250. */
  onMail?(mail: PeerMail): string | undefined | Promise<string | undefined>;
  /** ms before each reply. */
  slowness?: number;
}>;

export type Peer = Readonly<{ port: number; mails: readonly PeerMail[]; connections(): number; close(): Promise<void> }>;

/** More than this in one line or one message and we hang up: it is only a play. */
const LINE_LIMIT = 8_192;
const MESSAGE_LIMIT = 64 * 1_048_576;
const MAILS_KEPT = 20_000;
const IDLE_MS = 120_000;
const DEFAULT_EXTENSIONS = ['PIPELINING', 'SIZE 52428800', '8BITMIME', 'ENHANCEDSTATUSCODES', 'SMTPUTF8', 'DSN'];
const END = Buffer.from('\r\n.\r\n');

class Conversation {
  readonly #character: Character;
  readonly #context: SecureContext | undefined;
  readonly #keep: (mail: PeerMail) => void;
  readonly #ip: string;
  #socket: Socket;
  #input = Buffer.alloc(0);
  #busy = false;
  #content = false;
  #helo = '';
  #from: string | undefined;
  #parameters = '';
  #to: string[] = [];
  #isTls = false;
  #isOver = false;

  constructor(socket: Socket, parts: Readonly<{ character: Character; context: SecureContext | undefined; keep(mail: PeerMail): void }>) {
    this.#socket = socket;
    this.#character = parts.character;
    this.#context = parts.context;
    this.#keep = parts.keep;
    this.#ip = socket.remoteAddress ?? '';
    this.#listen(socket);
    const greeting = this.#character.greeting?.(this.#ip);
    if (greeting === 'drop') socket.destroy();
    else if (greeting !== undefined && !greeting.startsWith('220')) socket.end(`${greeting}\r\n`);
    else void this.#say(greeting ?? `220 ${this.#character.hostName} ESMTP`);
  }

  #listen(socket: Socket): void {
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      if (this.#isOver) return;
      this.#input = Buffer.concat([this.#input, bytes]);
      void this.#work();
    });
  }

  get #talk(): PeerTalk {
    return { ip: this.#ip, isTls: this.#isTls, helo: this.#helo, from: this.#from ?? '', parameters: this.#parameters };
  }

  /** One thing at a time, in the order it came (RFC 2920). */
  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (!this.#socket.destroyed && (this.#content ? await this.#takeContent() : await this.#takeLine()));
    } finally {
      this.#busy = false;
    }
  }

  async #takeLine(): Promise<boolean> {
    const end = this.#input.indexOf('\r\n');
    if (end < 0) {
      if (this.#input.length > LINE_LIMIT) this.#socket.destroy();
      return false;
    }
    const line = this.#input.toString('utf8', 0, end);
    this.#input = this.#input.subarray(end + 2);
    await this.#obey(line);
    return true;
  }

  async #takeContent(): Promise<boolean> {
    const empty = this.#input.subarray(0, 3).toString('latin1') === '.\r\n';
    const end = empty ? 0 : this.#input.indexOf(END);
    if (end < 0) {
      if (this.#input.length > MESSAGE_LIMIT) this.#socket.destroy();
      return false;
    }
    const content = unstuffed(empty ? Buffer.alloc(0) : this.#input.subarray(0, end + 2));
    this.#input = this.#input.subarray(empty ? 3 : end + END.length);
    this.#content = false;
    const mail: PeerMail = { from: this.#from ?? '', to: this.#to, content, isTls: this.#isTls, at: Date.now() };
    const refusal = await this.#character.onMail?.(mail);
    if (refusal === undefined) this.#keep(mail);
    this.#reset();
    await this.#say(refusal ?? '250 2.0.0 Thank you, we have it');
    return true;
  }

  async #obey(line: string): Promise<void> {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO' || verb === 'HELO') return this.#hello(line);
    if (verb === 'STAR') return this.#startTls();
    if (verb === 'MAIL') return this.#mail(line);
    if (verb === 'RCPT') return this.#rcpt(line);
    if (verb === 'DATA') return this.#data();
    if (verb === 'RSET') this.#reset();
    if (verb === 'RSET' || verb === 'NOOP') return this.#say('250 2.0.0 Fine');
    if (verb !== 'QUIT') return this.#say('502 5.5.1 We do not know that command');
    await this.#say('221 2.0.0 Goodbye');
    this.#socket.end();
  }

  async #hello(line: string): Promise<void> {
    this.#helo = line.slice(5).trim();
    this.#reset();
    const { hostName, extensions = DEFAULT_EXTENSIONS } = this.#character;
    const tls = this.#context !== undefined && !this.#isTls && (this.#character.offersTls?.(this.#ip) ?? true) ? ['STARTTLS'] : [];
    const lines = line.slice(0, 4).toUpperCase() === 'HELO' ? [hostName] : [hostName, ...extensions, ...tls];
    await this.#say(lines.map((text, index) => `250${index === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n'));
  }

  async #startTls(): Promise<void> {
    const context = this.#context;
    if (context === undefined || this.#isTls) return this.#say('502 5.5.1 No TLS here');
    await this.#say('220 2.0.0 Go ahead');
    this.#socket.removeAllListeners('data');
    this.#input = Buffer.alloc(0);
    this.#socket = new TLSSocket(this.#socket, { isServer: true, secureContext: context });
    this.#isTls = true;
    this.#listen(this.#socket);
  }

  async #mail(line: string): Promise<void> {
    const found = /^MAIL FROM:\s*<([^<>]*)>(.*)$/i.exec(line);
    if (found === null) return this.#say('501 5.5.4 We do not understand that sender');
    this.#reset();
    this.#from = found[1] ?? '';
    this.#parameters = (found[2] ?? '').trim();
    const refusal = this.#character.onSender?.(this.#talk);
    if (refusal !== undefined) this.#from = undefined;
    await this.#say(refusal ?? '250 2.1.0 Sender fine');
  }

  async #rcpt(line: string): Promise<void> {
    const address = /^RCPT TO:\s*<([^<>]+)>/i.exec(line)?.[1];
    if (this.#from === undefined) return this.#say('503 5.5.1 Who is it from?');
    if (address === undefined) return this.#say('501 5.5.4 We do not understand that recipient');
    const refusal = this.#character.onRecipient?.(address, this.#talk);
    if (refusal === undefined) this.#to.push(address);
    await this.#say(refusal ?? '250 2.1.5 Recipient fine');
  }

  async #data(): Promise<void> {
    if (this.#to.length === 0) return this.#say('554 5.5.1 There is nobody to give it to');
    this.#content = true;
    await this.#say('354 Send it, end with a dot');
  }

  #reset(): void {
    this.#from = undefined;
    this.#to = [];
  }

  async #say(reply: string): Promise<void> {
    const { slowness = 0 } = this.#character;
    if (slowness > 0) await new Promise((resume) => setTimeout(resume, slowness));
    if (reply === 'drop') this.#socket.destroy();
    else if (!this.#socket.destroyed) this.#socket.write(`${reply}\r\n`);
    // RFC 5321 §3.8: after 421 the server closes; what was pipelined behind it is not read.
    if (reply.startsWith('421')) {
      this.#input = Buffer.alloc(0);
      this.#isOver = true;
      this.#socket.end();
    }
  }
}

function unstuffed(content: Buffer): Buffer {
  if (!content.includes('\r\n.') && content[0] !== 0x2e) return Buffer.from(content);
  return Buffer.from(content.toString('latin1').replace(/^\./, '').replaceAll('\r\n.', '\r\n'), 'latin1');
}

export type PeerPlace = Readonly<{ host?: string; port?: number; context?: SecureContext }>;

export async function startPeer(character: Character, place: PeerPlace = {}): Promise<Peer> {
  const mails: PeerMail[] = [];
  const open = new Set<Socket>();
  const keep = (mail: PeerMail): void => {
    mails.push(mail);
    if (mails.length > MAILS_KEPT) mails.shift();
  };
  const server: Server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    return new Conversation(socket, { character, context: place.context, keep });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(place.port ?? 0, place.host ?? '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    mails,
    connections: () => open.size,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of open) socket.destroy();
      }),
  };
}
