/** One end of a conversation in lines, over TCP or TLS: what people, peers and dialogs of the tests speak with. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

export type Place = Readonly<{
  host?: string;
  port: number;
  /** TLS from the first octet. */
  tls?: boolean;
  /** PEM of the authority to believe. */
  ca: string;
  /** The name the certificate must bear. */
  serverName: string;
  /** Our own address, to look like another host. */
  from?: string;
}>;

/** A line that does not come within this is a failure. */
const PATIENCE_MS = 10_000;

export class Talk {
  readonly place: Place;
  socket: Socket | TLSSocket;
  #heard: Buffer = Buffer.alloc(0);
  #isOver = false;
  #wake: () => void = () => {};

  static async dial(place: Place): Promise<Talk> {
    const { host = '127.0.0.1', port, from } = place;
    const local = from === undefined ? {} : { localAddress: from };
    const options = { host, port, ...local };
    const socket = place.tls === true ? connectTls({ ...options, ca: place.ca, servername: place.serverName }) : connect(options);
    await once(socket, place.tls === true ? 'secureConnect' : 'connect');
    socket.setNoDelay(true);
    return new Talk(place, socket);
  }

  private constructor(place: Place, socket: Socket) {
    this.place = place;
    this.socket = socket;
    this.#listen();
  }

  #listen(): void {
    this.socket.on('data', (bytes: Buffer) => {
      this.#heard = this.#heard.length === 0 ? bytes : Buffer.concat([this.#heard, bytes]);
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  say(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** Octets heard and not yet read. */
  get waiting(): number {
    return this.#heard.length;
  }

  /** The next line without its CRLF; undefined once the other side has hung up. */
  async line(): Promise<string | undefined> {
    const piece = await this.#take(() => this.#heard.indexOf('\r\n') + 2 || undefined);
    if (piece === undefined || piece.length < 2) return undefined;
    return piece.toString('utf8', 0, piece.length - 2);
  }

  async bytes(count: number): Promise<Buffer | undefined> {
    return this.#take(() => (this.#heard.length >= count ? count : undefined));
  }

  /** `find` gives a length, or undefined (also for `indexOf` + 2 = 1) while there is not enough. */
  async #take(find: () => number | undefined): Promise<Buffer | undefined> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const length = find();
      if (length !== undefined && length !== 1) {
        const piece = this.#heard.subarray(0, length);
        this.#heard = this.#heard.subarray(length);
        return piece;
      }
      if (this.#isOver) return undefined;
      await this.#news(end - performance.now());
    }
  }

  async #news(patienceMs: number): Promise<void> {
    if (patienceMs <= 0) throw new Error('the other side said nothing for too long');
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, patienceMs);
    });
    clearTimeout(timer);
  }

  /** True when nothing is heard for `ms`. */
  async isSilent(ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    while (this.#heard.length === 0 && !this.#isOver && performance.now() < end) await this.#news(Math.max(1, end - performance.now()));
    return this.#heard.length === 0;
  }

  /** TLS on top of what is there. */
  async secure(): Promise<void> {
    this.socket.removeAllListeners('data');
    this.socket.removeAllListeners('close');
    const secure = connectTls({ socket: this.socket, ca: this.place.ca, servername: this.place.serverName });
    await once(secure, 'secureConnect');
    this.socket = secure;
    this.#listen();
  }

  hangUp(): void {
    this.socket.destroy();
  }
}
