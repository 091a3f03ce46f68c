/** What the dialog tests stand on: the real mail API over the store in memory, an IMAP listener on loopback, and a client that speaks lines. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { seededDice } from '../../adapter/memory/dice.ts';
import { memoryKeyring } from '../../adapter/memory/keyring.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { scramKeysOf } from '../../codec/sasl/scram-keys.ts';
import { type AccountId, IdMaker, type MailboxId, type OrganisationId } from '../../core/ids.ts';
import { DEFAULT_MAILBOXES, nameKey, sealName } from '../../core/mailbox-name.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Store } from '../../core/ports/store.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { Admission, Hold, Person, SignIn } from '../../service/accounts/accounts.ts';
import { type Mailboxes, openMailboxes } from '../../service/mailboxes/mailboxes.ts';
import type { Listener } from '../net/listener.ts';
import { FakeHold } from '../net/testdata/fake-hold.ts';
import { selfSigned, type TestCertificate } from '../net/testdata/self-signed.ts';
import type { ImapHost } from './host.ts';
import { listenImap } from './server.ts';

export const PASSWORD = 'correct horse';
const NAME = 'ada@mail.example';

const SALT = Buffer.from('sixteen octets..');
const ITERATIONS = 4096;
const keys = scramKeysOf(PASSWORD, SALT, ITERATIONS);
const SCRAM = { salt: SALT, iterations: ITERATIONS, credentials: keys.ok ? [keys.value] : [] };

const clock: Clock = {
  now: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

export type World = Readonly<{
  store: Store;
  mailboxes: Mailboxes;
  account: AccountId;
  /** What everybody signs in with. */
  hold: FakeHold;
  certificate: TestCertificate;
  troubles: unknown[];
  /** A fresh connection, greeted; signed in unless asked otherwise. */
  dial(how?: Readonly<{ signIn?: boolean; tls?: boolean }>): Promise<LineClient>;
  /** Puts a message into a mailbox, as a delivery would. */
  deliver(path: string, message: string, flags?: number): Promise<number>;
  close(): Promise<void>;
}>;

export type WorldOptions = Readonly<{ allowsPlaintext?: boolean; host?: Partial<ImapHost>; spoil?: (mailboxes: Mailboxes) => Mailboxes }>;

export async function makeWorld({ allowsPlaintext = true, host: special = {}, spoil = (same) => same }: WorldOptions = {}): Promise<World> {
  const dice = seededDice('imap');
  const store = memoryStore();
  const keyring = memoryKeyring(dice);
  const ids = new IdMaker(() => Date.now());
  const account = await birth({ store, keyring, ids });
  const mailboxes = openMailboxes({ store, keyring, clock, ids });
  const certificate = selfSigned();
  const troubles: unknown[] = [];
  const hold = new FakeHold();
  const host: ImapHost = {
    accounts: { signIn: signIn(account, hold) },
    mailboxes: spoil(mailboxes),
    clock,
    dice,
    tls: certificate,
    allowsPlaintext,
    messageLimit: 64 * 1024 * 1024,
    onTrouble: (_, trouble) => void troubles.push(trouble),
    ...special,
  };
  const onBug = (bug: unknown): void => void troubles.push(bug);
  const plain = await listenImap(host, { host: '127.0.0.1', port: 0, onBug });
  const secure = await listenImap(host, { host: '127.0.0.1', port: 0, tls: certificate, onBug });
  const clients: LineClient[] = [];
  return {
    store,
    mailboxes,
    hold,
    account,
    certificate,
    troubles,
    async dial({ signIn: signsIn = true, tls = false } = {}) {
      const client = await LineClient.dial(tls ? secure : plain, tls ? certificate.pem : undefined);
      clients.push(client);
      if (signsIn) await client.say(`LOGIN ${NAME} "${PASSWORD}"`);
      return client;
    },
    async deliver(path, message, flags = 0) {
      const mail = await mailboxes.open(account);
      const bytes = Buffer.from(message);
      const staging = mail.stage({ flags, keywords: [], receivedAt: Date.UTC(2026, 0, 2, 3, 4, 5), size: bytes.length });
      const box = mail.byPath(path);
      if (isRefusal(staging) || box === undefined) throw new Error('not staged');
      await staging.write(bytes);
      const staged = await staging.finish();
      if (isRefusal(staged)) throw new Error(staged.refusal);
      const placed = await mail.appendAll(box.mailbox, [staged]);
      mail.close();
      return isRefusal(placed) ? 0 : (placed.uids[0] ?? 0);
    },
    async close() {
      for (const client of clients) client.socket.destroy();
      await Promise.all([plain.close(50), secure.close(50)]);
      mailboxes.close();
    },
  };
}

type Parts = Readonly<{ store: Store; keyring: ReturnType<typeof memoryKeyring>; ids: IdMaker }>;

async function birth({ store, keyring, ids }: Parts): Promise<AccountId> {
  const account = ids.next<AccountId>();
  const organisation = ids.next<OrganisationId>();
  const key = keyring.add(account);
  const batch = DEFAULT_MAILBOXES.map(({ name, role }) => {
    const mailbox = ids.next<MailboxId>();
    const parent = null;
    const names = { nameKey: nameKey(key, account, parent, name), name: sealName(key, account, mailbox, name) };
    return { do: 'createMailbox', mailbox, parent, ...names, role, subscribed: role !== 'archive', uidValidity: 7 } as const;
  });
  await store.directory.write([{ do: 'openAccount', account, organisation, quota: 0, batch }]);
  return account;
}

function signIn(account: AccountId, hold: Hold): SignIn {
  const person: Person = {
    account,
    organisation: 1 as OrganisationId,
    address: NAME,
    name: 'Ada',
    language: 'en',
    state: 'open',
    quota: 0,
    admin: false,
    createdAt: 0,
  };
  const yes: Admission = { person, credential: { kind: 'password' }, hold };
  return {
    withPassword: async (login, password) => (login === NAME && password === PASSWORD ? yes : refuse('wrongPassword')),
    scram: (login) => ({
      ...SCRAM,
      credentials: login === NAME ? SCRAM.credentials : [],
      finish: (index) => (index === 0 ? yes : refuse('wrongPassword')),
    }),
  };
}

/** A tagged answer with the untagged lines before it. Literals stand in their line. */
export type Said = Readonly<{ untagged: readonly string[]; tagged: string }>;

export class LineClient {
  socket: Socket;
  #buffer = Buffer.alloc(0);
  #wake: () => void = () => {};
  #isOver = false;
  #tag = 0;
  greeting = '';

  static async dial(listener: Listener, pem?: string): Promise<LineClient> {
    const { port } = listener.address;
    const socket =
      pem === undefined ? connect(port, '127.0.0.1') : connectTls({ port, host: '127.0.0.1', ca: pem, servername: 'mail.example' });
    await once(socket, pem === undefined ? 'connect' : 'secureConnect');
    const client = new LineClient(socket);
    client.greeting = await client.line();
    return client;
  }

  constructor(socket: Socket) {
    this.socket = socket;
    this.#listen();
  }

  #listen(): void {
    this.socket.on('data', (bytes: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, bytes]);
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** Sends a command and reads up to its end; tags count t1, t2 … */
  async say(command: string | Buffer): Promise<Said> {
    const tag = this.send(command);
    return this.until(tag);
  }

  /** Sends a command; the answer is left for `until`. */
  send(command: string | Buffer): string {
    const tag = `t${++this.#tag}`;
    this.raw(Buffer.concat([Buffer.from(`${tag} `), Buffer.from(command), Buffer.from('\r\n')]));
    return tag;
  }

  raw(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  async until(tag: string): Promise<Said> {
    const untagged: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line.startsWith(`${tag} `)) return { untagged, tagged: line.slice(tag.length + 1) };
      untagged.push(line.replace(/^\* /, ''));
    }
  }

  /** The next line, literals inside; `(closed)` when the connection is over. */
  async line(): Promise<string> {
    let whole = '';
    for (;;) {
      const piece = await this.#upTo((buffer) => {
        const end = buffer.indexOf('\r\n');
        return end < 0 ? -1 : end + 2;
      });
      if (piece === undefined) return '(closed)';
      whole += piece.toString('utf8');
      const literal = /\{(\d+)\}\r\n$/.exec(whole);
      if (literal === null) return whole.slice(0, -2);
      const content = await this.#upTo((buffer) => (buffer.length >= Number(literal[1]) ? Number(literal[1]) : -1));
      if (content === undefined) return '(closed)';
      whole += content.toString('utf8');
    }
  }

  async #upTo(find: (buffer: Buffer) => number): Promise<Buffer | undefined> {
    for (;;) {
      const length = find(this.#buffer);
      if (length >= 0) {
        const piece = this.#buffer.subarray(0, length);
        this.#buffer = this.#buffer.subarray(length);
        return piece;
      }
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** TLS over the same connection. */
  async secure(pem: string): Promise<void> {
    this.socket.removeAllListeners('data');
    const secure = connectTls({ socket: this.socket, ca: pem, servername: 'mail.example' });
    await once(secure, 'secureConnect');
    this.socket = secure;
    this.#listen();
  }
}
