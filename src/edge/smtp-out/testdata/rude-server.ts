/** An SMTP server on loopback that does as a table says: polite by default, rude where a test wants it. */
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { TlsOffer } from '../../net/tls-session.ts';

export type Manners = Readonly<{
  /** What is said to a line that begins so ('' is the greeting, '.' the end of content): the longest match counts. */
  says?: Readonly<Record<string, string>>;
  /** Hang up right after hearing such a line, saying nothing. */
  hangsUpAt?: string;
  /** Says everything one byte at a time, so many milliseconds apart. */
  dripMs?: number;
  /** Where given, STARTTLS is offered and done with it. */
  tls?: TlsOffer;
  /** TLS from the first byte. */
  isImplicit?: boolean;
  /** Does this instead of anything else with a new connection. */
  instead?(socket: Socket): void;
  /** Hangs up after so many messages. */
  messages?: number;
  extensions?: readonly string[];
  /** Keep no bodies: for load. */
  forgets?: boolean;
}>;

export type Received = Readonly<{ lines: readonly string[]; content: string; isSecure: boolean }>;
export type RudeServer = Readonly<{ host: string; port: number; received: Received[]; connections: () => number; open: () => number; close(): Promise<void> }>;

const REPLIES: Readonly<Record<string, string>> = {
  '': '220 rude.test ESMTP\r\n', HELO: '250 rude.test\r\n', STARTTLS: '220 go\r\n', MAIL: '250 2.1.0 ok\r\n', RCPT: '250 2.1.5 ok\r\n', DATA: '354 go\r\n',
  '.': '250 2.0.0 taken\r\n', RSET: '250 2.0.0 ok\r\n', QUIT: '221 2.0.0 bye\r\n', AUTH: '235 2.7.0 ok\r\n',
};
const EXTENSIONS = ['PIPELINING', 'SIZE 10000000', '8BITMIME', 'SMTPUTF8', 'DSN', 'AUTH PLAIN'];
const END = Buffer.from('\r\n.\r\n');

export async function rudeServer(manners: Manners = {}, address = '127.0.0.1', port = 0): Promise<RudeServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer({ noDelay: true }, (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (manners.instead !== undefined) manners.instead(socket);
    else if (manners.isImplicit === true) secured(socket, manners, (secure) => converse(secure, manners, { received, isSecure: true, greets: true }));
    else converse(socket, manners, { received, isSecure: false, greets: true });
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  const bound = server.address();
  return {
    host: address,
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    received,
    connections: () => connections,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function secured(socket: Socket, { tls }: Manners, then: (secure: TLSSocket) => void): void {
  if (tls === undefined) throw new Error('no certificate');
  const secure = new TLSSocket(socket, { isServer: true, secureContext: tls.context() });
  secure.on('error', () => {});
  secure.once('secure', () => then(secure));
}

function converse(socket: Socket, manners: Manners, state: { received: Received[]; isSecure: boolean; greets: boolean }): void {
  const offers = ['rude.test', ...(manners.extensions ?? EXTENSIONS), ...(manners.tls !== undefined && !state.isSecure ? ['STARTTLS'] : [])];
  const ehlo = offers.map((offer, at) => `250${at === offers.length - 1 ? ' ' : '-'}${offer}\r\n`).join('');
  const replies: Readonly<Record<string, string>> = { ...REPLIES, EHLO: ehlo, ...manners.says };
  const keys = Object.keys(replies).filter((key) => key !== '').sort((a, b) => b.length - a.length);
  let [input, isContent, messages]: [Buffer, boolean, number] = [Buffer.alloc(0), false, 0];
  let lines: string[] = [];
  let saying = Promise.resolve();
  const say = (text: string): void => {
    if (manners.dripMs === undefined) socket.write(text);
    else saying = saying.then(() => drip(socket, text, manners.dripMs ?? 0));
  };
  const onData = (bytes: Buffer): void => {
    input = input.length === 0 ? bytes : Buffer.concat([input, bytes]);
    let out = '';
    for (;;) {
      if (isContent) {
        const isEmpty = input.subarray(0, 3).toString() === '.\r\n';
        const end = isEmpty ? -2 : input.indexOf(END);
        if (end === -1) break;
        const content = input.subarray(0, end + 2);
        input = input.subarray(end + 5);
        isContent = false;
        if (manners.hangsUpAt === '.') return void socket.destroy();
        if (manners.forgets !== true) state.received.push({ lines, content: content.toString('latin1'), isSecure: state.isSecure });
        lines = [];
        out += replies['.'] ?? '';
        if (++messages === manners.messages) {
          say(out);
          return void socket.end();
        }
        continue;
      }
      const end = input.indexOf('\r\n');
      if (end < 0) break;
      const line = input.toString('utf8', 0, end);
      input = input.subarray(end + 2);
      lines.push(line);
      if (manners.hangsUpAt !== undefined && line.startsWith(manners.hangsUpAt)) return void socket.destroy();
      const key = keys.find((each) => line.startsWith(each));
      const reply = key === undefined ? '500 5.5.1 what\r\n' : (replies[key] ?? '');
      out += reply;
      if (line === 'DATA' && reply.startsWith('354')) isContent = true;
      if (line === 'STARTTLS' && reply.startsWith('220') && manners.tls !== undefined) {
        socket.off('data', onData);
        say(out);
        return secured(socket, manners, (secure) => converse(secure, manners, { ...state, isSecure: true, greets: false }));
      }
      if (line === 'QUIT') {
        say(out);
        return void socket.end();
      }
    }
    if (out !== '') say(out);
    return undefined;
  };
  socket.on('data', onData);
  if (state.greets) say(replies[''] ?? '');
}

async function drip(socket: Socket, text: string, ms: number): Promise<void> {
  for (const byte of Buffer.from(text)) {
    if (socket.destroyed) return;
    socket.write(Buffer.of(byte));
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
