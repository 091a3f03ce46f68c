/**
 * One event source (RFC 8620 §7.3). What changed is kept as a set of type
 * names, however much changes and however slowly the client reads; it is
 * written when the client has taken what was written before.
 */
import type { Change } from '../../../core/change.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { MailAccount } from '../../../service/mailboxes/mailboxes.ts';
import type { EventAsk } from './event-query.ts';
import { type State, stateText } from './standard-changes.ts';
import { stateChange, TYPES, type TypeName, typesOf, wantedOf } from './type-states.ts';

/** A burst of changes is one event; told well under 100 ms. */
export const GATHER_MS = 25;
/** A client that takes nothing for so long is gone, or means harm. */
export const STALLED_MS = 30_000;

const TEXT = new TextEncoder();

export type EventStreamParts = Readonly<{
  mail: MailAccount;
  ask: EventAsk;
  clock: Clock;
  /** Whether whoever asked may still hear. */
  mayHear(): boolean;
  /** Cuts the connection of a client that does not read. */
  cut(): void;
  /** Once, however it ends. */
  onEnd(): void;
}>;

export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #parts: EventStreamParts;
  readonly #changed = new Set<TypeName>();
  readonly #timers = new Map<'gather' | 'ping' | 'stalled', () => void>();
  readonly #unwatch: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Undefined until it was read: nothing can be told before. */
  #epoch: number | undefined;
  #modseq = 0;
  #isDue = false;

  /** The mail is closed with the stream. Call `begin` next. */
  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#taken(),
      cancel: () => this.end(),
    });
    this.#unwatch = parts.mail.watch((change) => this.#hear(change));
  }

  /** Says where things stand; a client that was here before hears at once what it missed. */
  begin(state: State): void {
    const { lastSeen } = this.#parts.ask;
    this.#epoch = state.epoch;
    // What changed while the state was read may be newer than it.
    this.#modseq = Math.max(this.#modseq, state.modseq);
    const moved = lastSeen !== null && (lastSeen.epoch !== state.epoch || lastSeen.modseq !== state.modseq);
    // An event of nothing but an id is not shown to scripts, yet remembered for the next connection.
    this.#write(`id: ${stateText(moved ? lastSeen : state)}\n\n`);
    this.#pingLater();
    if (moved) for (const type of TYPES) this.#changed.add(type);
    this.#isDue ||= moved;
    this.#tell();
  }

  /** Nothing of it is left afterwards. */
  end(): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    this.#controller = undefined;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#unwatch();
    this.#parts.mail.close();
    try {
      controller.close();
    } catch {
      // QUIRK: a stream that its reader cancelled is closed already, and says so by throwing.
    }
    this.#parts.onEnd();
  }

  #hear(change: Change): void {
    if (change.kind === 'journey') return;
    this.#modseq = Math.max(this.#modseq, change.modseq);
    const wanted = wantedOf(typesOf(change), this.#parts.ask.types);
    if (wanted.length === 0) return;
    for (const type of wanted) this.#changed.add(type);
    if (this.#timers.has('gather')) return;
    this.#after('gather', GATHER_MS, () => {
      this.#isDue = true;
      this.#tell();
    });
  }

  #tell(): void {
    const { mail, ask, mayHear } = this.#parts;
    if (!this.#isDue || this.#epoch === undefined || !this.#hasRoom()) return;
    this.#isDue = false;
    const types = wantedOf(this.#changed, ask.types);
    this.#changed.clear();
    if (types.length === 0) return;
    if (!mayHear()) return this.end();
    const state: State = { epoch: this.#epoch, modseq: this.#modseq };
    this.#write(`event: state\nid: ${stateText(state)}\ndata: ${JSON.stringify(stateChange(mail.account, types, state))}\n\n`);
    if (ask.closesAfterState) this.end();
    else this.#pingLater();
  }

  #pingLater(): void {
    const { pingS } = this.#parts.ask;
    if (pingS === 0) return;
    this.#after('ping', pingS * 1_000, () => {
      if (!this.#parts.mayHear()) return this.end();
      if (this.#hasRoom()) this.#write(`event: ping\ndata: {"interval":${pingS}}\n\n`);
      this.#pingLater();
    });
  }

  /** One event waits at most; a client that does not take it has so long. */
  #hasRoom(): boolean {
    const hasRoom = (this.#controller?.desiredSize ?? 0) > 0;
    if (!hasRoom && this.#controller !== undefined && !this.#timers.has('stalled'))
      this.#after('stalled', STALLED_MS, () => {
        this.end();
        this.#parts.cut();
      });
    return hasRoom;
  }

  #taken(): void {
    this.#timers.get('stalled')?.();
    this.#timers.delete('stalled');
    this.#tell();
  }

  #write(text: string): void {
    this.#controller?.enqueue(TEXT.encode(text));
  }

  #after(name: 'gather' | 'ping' | 'stalled', ms: number, then: () => void): void {
    this.#timers.get(name)?.();
    const cancel = this.#parts.clock.after(ms, () => {
      this.#timers.delete(name);
      then();
    });
    this.#timers.set(name, cancel);
  }
}
