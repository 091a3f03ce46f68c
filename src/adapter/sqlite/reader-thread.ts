/** A thread that reads: all that waits is answered from one snapshot, taken after it was asked. */
import type { DatabaseSync } from 'node:sqlite';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Asked } from './asks.ts';
import type { Answer } from './calls.ts';
import { failure } from './faults.ts';
import { BodyMoved, type Reader } from './reader.ts';

/** A pack may be rewritten while it is read, but hardly this often. */
const MAX_SNAPSHOTS = 5;

export type ReaderThreadParts = Readonly<{
  database: DatabaseSync;
  reader: Reader;
  /** Closes database and packs. */
  end: () => void;
}>;

/** Answers what is asked at the port until it is told to close. */
export function serveReader(port: MessagePort, parts: ReaderThreadParts): void {
  const thread = new ReaderThread(port, parts);
  port.on('message', (asked: readonly Asked[]) => thread.receive(asked));
}

class ReaderThread {
  readonly #port: MessagePort;
  readonly #database: DatabaseSync;
  readonly #reader: Reader;
  readonly #end: () => void;

  constructor(port: MessagePort, parts: ReaderThreadParts) {
    this.#port = port;
    this.#database = parts.database;
    this.#reader = parts.reader;
    this.#end = parts.end;
  }

  receive(first: readonly Asked[]): void {
    const asked = [...first];
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port)) {
      asked.push(...(next.message as readonly Asked[]));
    }
    this.#post(this.#answerAll(asked));
    const closing = asked.find(({ ask }) => ask.ask === 'close');
    if (closing !== undefined) this.#close(closing.id);
  }

  #answerAll(asked: readonly Asked[]): Answer[] {
    const questions = asked.filter(({ ask }) => ask.ask !== 'close');
    try {
      this.#database.exec('BEGIN');
      const answers = questions.map((each) => this.#answer(each, MAX_SNAPSHOTS));
      this.#database.exec('COMMIT');
      return answers;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      return questions.map(({ id }) => ({ id, ...failure(error) }));
    }
  }

  #answer(asked: Asked, snapshots: number): Answer {
    const { id, ask } = asked;
    if (ask.ask === 'close') throw new Error('not a question');
    try {
      return { id, value: this.#reader.answer(ask) };
    } catch (error) {
      if (!(error instanceof BodyMoved) || snapshots === 0) return { id, ...failure(error) };
    }
    this.#database.exec('COMMIT; BEGIN');
    return this.#answer(asked, snapshots - 1);
  }

  #post(answers: readonly Answer[]): void {
    this.#port.postMessage(answers, buffersIn(answers));
  }

  #close(id: number): void {
    this.#end();
    this.#post([{ id, value: undefined }]);
    this.#port.close();
  }
}

/** Buffers that are the answer's own and worth moving: bodies, and the columns of entries and facts. */
function buffersIn(answers: readonly Answer[]): ArrayBuffer[] {
  return answers.flatMap((answer) => {
    const value = 'value' in answer ? answer.value : undefined;
    if (value instanceof Uint8Array) return whole(value);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.values(value).flatMap(whole) : [];
  });
}

function whole(value: unknown): ArrayBuffer[] {
  const isColumn = value instanceof Uint8Array || value instanceof Float64Array;
  if (!isColumn || !(value.buffer instanceof ArrayBuffer) || value.byteLength === 0) return [];
  return value.byteLength === value.buffer.byteLength ? [value.buffer] : [];
}
