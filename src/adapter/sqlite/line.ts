/** One end of the talk with a thread: calls of one tick go together, a few at a time, answers find their callers. */
import type { Worker } from 'node:worker_threads';
import { Fault, type FaultOutcome } from '../../core/fault.ts';
import type { Asked, Ask } from './asks.ts';
import { type Answer, type Call, type CallParcel, type Reply, writeCall } from './calls.ts';
import { WireWriter } from './wire.ts';

/** Calls under way to one thread; the edges bound their own, this is the last resort. */
const MAX_PENDING = 100_000;
/** A message this full is sent at once. */
const FULL_BYTES = 4_194_304;
/** And one with so many calls: the thread works while the rest of the tick goes on. Fewer would cost it more flushes than the time is worth. */
const FULL_CALLS = 8;

type Pending = Readonly<{ resolve: (value: unknown) => void; reject: (error: Error) => void }>;

/** Answers and deaths, whatever the thread does. */
class Line {
  protected readonly worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #whenDead: FaultOutcome;
  #nextId = 1;
  #dead = false;

  constructor(worker: Worker, whenDead: FaultOutcome) {
    this.worker = worker;
    this.#whenDead = whenDead;
    worker.on('error', (error: unknown) => this.#die(error));
    worker.on('exit', () => this.#die(undefined));
  }

  protected wait(send: (id: number) => void): Promise<unknown> {
    if (this.#dead) return Promise.reject(new Fault('unavailable', 'the storage is closed'));
    if (this.#pending.size >= MAX_PENDING) return Promise.reject(new Fault('unavailable', 'the storage has too much to do'));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      send(id);
      this.#pending.set(id, { resolve, reject });
    });
  }

  protected answer(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ('value' in answer) pending?.resolve(answer.value);
    else pending?.reject('fault' in answer ? new Fault(answer.fault, answer.why) : new Error(answer.bug));
  }

  /** Nothing more may be sent; what is under way is still answered. */
  stop(): void {
    this.#dead = true;
  }

  #die(error: unknown): void {
    this.#dead = true;
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of waiting) reject(new Fault(this.#whenDead, 'the storage thread has died', error));
  }
}

export class CallLine extends Line {
  #wire = new WireWriter();
  #calls = 0;

  /** `tell` hears of every reply before its callers do. What was sent may have been done when the thread dies. */
  constructor(worker: Worker, tell: (reply: Reply) => void) {
    super(worker, 'unknown');
    worker.on('message', (reply: Reply) => {
      try {
        tell(reply);
      } finally {
        this.#answerAll(reply);
      }
    });
  }

  /** The arguments are copied before this returns. */
  call(call: Call): Promise<unknown> {
    return this.wait((id) => {
      const mark = this.#wire.mark();
      try {
        writeCall(this.#wire, id, call);
      } catch (error) {
        // Half a call would spoil those of everybody else in the message.
        this.#wire.backTo(mark);
        throw error;
      }
      if (this.#calls++ === 0) setImmediate(() => this.#send());
      if (this.#calls >= FULL_CALLS || this.#wire.size > FULL_BYTES) this.#send();
    });
  }

  #answerAll({ answers, applied }: Reply): void {
    for (const answer of answers) this.answer(answer);
    for (let at = 0; at < applied.length; at += 4) {
      this.answer({ id: applied[at] as number, value: [applied[at + 1], applied[at + 2], applied[at + 3]] });
    }
  }

  #send(): void {
    if (this.#calls === 0) return;
    const parcel = this.#wire.take();
    const message: CallParcel = { parcel, calls: this.#calls };
    this.worker.postMessage(message, [parcel.numbers.buffer, parcel.bytes]);
    this.#wire = new WireWriter(this.#wire);
    this.#calls = 0;
  }
}

export class AskLine extends Line {
  #asked: Asked[] = [];

  constructor(worker: Worker) {
    super(worker, 'unavailable');
    worker.on('message', (answers: readonly Answer[]) => {
      for (const answer of answers) this.answer(answer);
    });
  }

  ask(ask: Ask): Promise<unknown> {
    return this.wait((id) => {
      if (this.#asked.length === 0) setImmediate(() => this.#send());
      this.#asked.push({ id, ask });
    });
  }

  #send(): void {
    this.worker.postMessage(this.#asked);
    this.#asked = [];
  }
}
