/** The thread that writes: it takes all that waits at its port, and answers when it is durable. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { BlobId } from '../../core/ids.ts';
import type { BodyPacks, LargeBody } from './bodies.ts';
import { type Answer, type Call, type CallParcel, NOTHING_TOLD, readCall } from './calls.ts';
import { failure } from './faults.ts';
import { WireReader } from './wire.ts';
import type { Work, Writer } from './writer.ts';

/** Calls in one group: enough to share a flush, few enough to answer soon. */
const MAX_GROUP = 256;
/** Octets in one group, but for a single call that is larger. */
const MAX_GROUP_BYTES = 8_388_608;
/** Large bodies under way at once. */
const MAX_LARGE = 1_024;

type Waiting = Readonly<{ id: number; call: Call; bytes: number }>;
type Unit = Waiting & Work;
type BodyCall = Extract<Call, { call: 'openBody' | 'writeBody' | 'finishBody' | 'abortBody' }>;

const isUnit = (waiting: Waiting): waiting is Unit => {
  const { call } = waiting.call;
  return !['openBody', 'writeBody', 'finishBody', 'abortBody', 'forgetLoose', 'rewritePack', 'close'].includes(call);
};

export type WriterThreadParts = Readonly<{
  writer: Writer;
  bodies: BodyPacks;
  /** Closes database and packs. */
  end: () => void;
}>;

/** Answers what comes at the port until it is told to close. */
export function serveWriter(port: MessagePort, parts: WriterThreadParts): void {
  const thread = new WriterThread(port, parts);
  port.on('message', (parcel: CallParcel) => thread.receive(parcel));
}

class WriterThread {
  readonly #port: MessagePort;
  readonly #writer: Writer;
  readonly #bodies: BodyPacks;
  readonly #end: () => void;
  readonly #large = new Map<BlobId, LargeBody>();
  #waiting: Unit[] = [];
  #rewriting: { id: number; steps: Generator<undefined, boolean> } | undefined;
  #busy = false;

  constructor(port: MessagePort, parts: WriterThreadParts) {
    this.#port = port;
    this.#writer = parts.writer;
    this.#bodies = parts.bodies;
    this.#end = parts.end;
  }

  receive(parcel: CallParcel): void {
    this.#unpack(parcel);
    this.#work();
  }

  #unpack({ parcel, calls }: CallParcel): void {
    const wire = new WireReader(parcel);
    for (let call = 0; call < calls; call++) {
      const before = wire.at;
      const waiting = { ...readCall(wire), bytes: wire.at - before };
      if (isUnit(waiting)) this.#waiting.push(waiting);
      else this.#special(waiting);
    }
  }

  /** One group, of all that has come; then the loop turns, so that large bodies get their turn. */
  #work(): void {
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port)) {
      this.#unpack(next.message as CallParcel);
    }
    const group = this.#group();
    if (group.length > 0) this.#port.postMessage(this.#writer.commit(group));
    this.#step();
    if ((this.#waiting.length > 0 || this.#rewriting !== undefined) && !this.#busy) {
      this.#busy = true;
      setImmediate(() => {
        this.#busy = false;
        this.#work();
      });
    }
  }

  #group(): Work[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((unit, row) => (bytes += unit.bytes) > MAX_GROUP_BYTES && row > 0);
    return this.#waiting.splice(0, Math.min(MAX_GROUP, end < 0 ? this.#waiting.length : end));
  }

  #special({ id, call }: Waiting): void {
    switch (call.call) {
      case 'forgetLoose':
        this.#writer.forgetLoose(call.now);
        return this.#answer({ id, value: undefined });
      case 'rewritePack':
        this.#rewriting = { id, steps: this.#writer.rewritePack(call.pack) };
        return undefined;
      case 'close':
        return void this.#close(id);
      case 'openBody':
      case 'writeBody':
      case 'finishBody':
      case 'abortBody':
        return void this.#body(id, call);
      default:
        throw new Error('not a special call');
    }
  }

  #answer(answer: Answer): void {
    this.#port.postMessage({ answers: [answer], ...NOTHING_TOLD });
  }

  #step(): void {
    if (this.#rewriting === undefined) return;
    const { id, steps } = this.#rewriting;
    try {
      const { done, value } = steps.next();
      if (done !== true) return;
      this.#answer({ id, value });
    } catch (error) {
      this.#answer({ id, ...failure(error) });
    }
    this.#rewriting = undefined;
  }

  async #body(id: number, call: BodyCall): Promise<void> {
    try {
      await this.#obey(call);
      this.#answer({ id, value: undefined });
    } catch (error) {
      await this.#abort(call.blob).catch(() => undefined);
      this.#answer({ id, ...failure(error) });
    }
  }

  async #obey(call: BodyCall): Promise<void> {
    if (call.call === 'openBody') return this.#open(call.blob);
    const body = this.#large.get(call.blob);
    if (call.call === 'abortBody') return this.#abort(call.blob);
    if (body === undefined) throw new Error(`body ${call.blob} is not being written`);
    if (call.call === 'writeBody') return body.write(call.parts);
    this.#writer.addLoose(call.blob, await body.finish());
    this.#large.delete(call.blob);
    return undefined;
  }

  async #open(blob: BlobId): Promise<void> {
    if (this.#large.size >= MAX_LARGE) throw Object.assign(new Error('too many large bodies at once'), { code: 'EMFILE' });
    this.#large.set(blob, await this.#bodies.openLarge(blob));
  }

  async #abort(blob: BlobId): Promise<void> {
    const body = this.#large.get(blob);
    this.#large.delete(blob);
    await body?.abort();
  }

  async #close(id: number): Promise<void> {
    while (this.#waiting.length > 0) this.#work();
    for (const blob of this.#large.keys()) await this.#abort(blob);
    this.#end();
    this.#answer({ id, value: undefined });
    this.#port.close();
  }
}
