/** What a session knows of its client, and the ways a command may speak to it. Commands see this and never the socket. */
import type { Refusal } from '../../core/refusal.ts';
import type { MailAccount, MailboxInfo, OpenMailbox } from '../../service/mailboxes/mailboxes.ts';
import type { Admission, Person } from '../../service/accounts/accounts.ts';
import type { ImapHost } from './host.ts';
import { View } from './view.ts';

/** The line under a client, as far as commands may touch it. */
export interface Wire {
  readonly ip: string;
  readonly isSecure: boolean;
  channelBinding(type: string): Buffer | undefined;
  /** Text leaves as UTF-8. */
  write(data: Uint8Array | string): void;
  readonly isCongested: boolean;
  drained(): Promise<void>;
  /** Ends the connection at once, in the middle of whatever is being said. */
  cut(trouble: unknown): void;
  /** Aborted when the connection is over. */
  readonly signal: AbortSignal;
  /** Says `+ prompt` and waits for the client's line; undefined when the connection is over. */
  ask(prompt: string): Promise<Buffer | undefined>;
}

/** What ENABLE turned on (RFC 9051 §6.3.1); CONDSTORE also comes on by being used (RFC 7162 §3.1). */
export type Enabled = { rev2: boolean; utf8Accept: boolean; condstore: boolean };

export type SignedInAs = Readonly<{ person: Person; mail: MailAccount }>;

/** How long work may last without giving others a turn. */
const STRETCH_MS = 4;
/** How long the news may lag behind the columns; they come with the next few reads of the store. */
const NEWS_WAIT_MS = 5_000;

export class Client {
  readonly host: ImapHost;
  readonly wire: Wire;
  readonly enabled: Enabled = { rev2: false, utf8Accept: false, condstore: false };
  /** What CAPABILITY answers just now (commands.ts knows). */
  readonly capabilities: () => string;
  view: View | undefined;
  /** In IDLE: changes are told as they happen. */
  isIdle = false;
  #signedIn: SignedInAs | undefined;
  #unwatch: (() => void) | undefined;
  #onChange: () => void = () => {};
  #letGo: (() => void) | undefined;
  #onLost: (why: Refusal) => void = () => {};
  #isOver = false;

  constructor(host: ImapHost, wire: Wire, capabilities: (client: Client) => string) {
    this.host = host;
    this.wire = wire;
    this.capabilities = () => capabilities(this);
  }

  /** Mailbox names and quoted strings in plain UTF-8. */
  get utf8(): boolean {
    return this.enabled.rev2 || this.enabled.utf8Accept;
  }

  get maySignIn(): boolean {
    return this.wire.isSecure || this.host.allowsPlaintext;
  }

  get isSignedIn(): boolean {
    return this.#signedIn !== undefined;
  }

  /** The account, for commands that only members may give. */
  get mail(): MailAccount {
    if (this.#signedIn === undefined) throw new Error('a command for members was let through');
    return this.#signedIn.mail;
  }

  /** The open mailbox, for commands that need one. */
  get selected(): View {
    if (this.view === undefined) throw new Error('a command for an open mailbox was let through');
    return this.view;
  }

  /**
   * Waits until everything the columns show has been heard of, since only then message numbers
   * mean something. The mail API takes changes into the columns first and tells them when it
   * has read what else they need, so this is nearly always at once. False when it never comes.
   */
  async settled(): Promise<boolean> {
    const { clock } = this.host;
    const until = clock.now() + NEWS_WAIT_MS;
    while (this.view?.isCoherent === false && clock.now() < until && !this.wire.signal.aborted) await this.#nextNews();
    return this.view?.isCoherent !== false;
  }

  /** Whether `settled` would have nothing to wait for. */
  get isSettled(): boolean {
    return this.view?.isCoherent !== false;
  }

  #newsWanted: (() => void)[] = [];

  async #nextNews(): Promise<void> {
    let cancel = (): void => {};
    await new Promise<void>((resolve) => {
      this.#newsWanted.push(resolve);
      cancel = this.host.clock.after(NEWS_WAIT_MS, resolve);
    });
    cancel();
  }

  #wakeNewsWanted(): void {
    const wanted = this.#newsWanted;
    this.#newsWanted = [];
    for (const wake of wanted) wake();
  }

  /** Called by the session: what to do when a change of the account has been noted. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Called by the session: what to do when the client may not go on, because of what it signed in with. */
  onLost(listener: (why: Refusal) => void): void {
    this.#onLost = listener;
  }

  async signIn({ person, hold }: Admission): Promise<void> {
    const mail = await this.host.mailboxes.open(person.account);
    if (this.#isOver) return mail.close();
    this.#signedIn = { person, mail };
    this.#letGo = hold.watch((why) => this.#onLost(why));
    this.#unwatch = mail.watch((change) => {
      if (!('mailbox' in change) || this.view === undefined || change.mailbox !== this.view.mailbox) return;
      this.view.note(change);
      if (this.#newsWanted.length > 0) this.#wakeNewsWanted();
      this.#onChange();
    });
  }

  /** Opens a mailbox in place of the one that was. Nothing may be awaited between `open` and the view. */
  openView(open: OpenMailbox, isReadOnly: boolean): View {
    this.closeView();
    this.view = new View(open, isReadOnly);
    return this.view;
  }

  closeView(): void {
    this.view?.close();
    this.view = undefined;
  }

  /** The connection is over. */
  close(): void {
    this.#isOver = true;
    this.closeView();
    this.#wakeNewsWanted();
    this.#letGo?.();
    this.#unwatch?.();
    this.#signedIn?.mail.close();
  }

  untagged(line: string): void {
    this.wire.write(`* ${line}\r\n`);
  }

  /** Tells what changed in the open mailbox; expunges only where numbers may move. */
  tell(withExpunges: boolean): void {
    const { view } = this;
    if (view === undefined || !view.hasNews) return;
    const telling = { modseqs: this.enabled.condstore, untagged: (line: string): void => this.untagged(line) };
    if (withExpunges) view.tellExpunges(telling);
    view.tellNews(telling);
  }

  /** The mailbox, and what is wrong when it is gone. */
  mailbox(path: string): MailboxInfo | undefined {
    return this.mail.byPath(path);
  }
}

/**
 * For commands that tell of many messages: gives others a turn when a stretch of work has lasted
 * long enough, waits for a client that reads slowly, and for message numbers to mean something.
 */
export class Pace {
  readonly #client: Client;
  #since = performance.now();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Whether to `rest` before going on. */
  get isDue(): boolean {
    return this.#client.wire.isCongested || !this.#client.isSettled || performance.now() - this.#since > STRETCH_MS;
  }

  async rest(): Promise<void> {
    const { wire } = this.#client;
    if (wire.isCongested) await wire.drained();
    else if (performance.now() - this.#since > STRETCH_MS) await new Promise((resolve) => setImmediate(resolve));
    if (!this.#client.isSettled && !(await this.#client.settled())) wire.cut(new Error('the news of a mailbox did not come'));
    this.#since = performance.now();
  }
}
