/** A connection as commands see it (client.ts, `Wire`), with the one thing a connection does not know: asking and waiting for a line. */
import type { Connection } from '../net/connection.ts';
import type { Wire } from './client.ts';

export class ConnectionWire implements Wire {
  readonly #connection: Connection;
  #answer: ((line: Buffer | undefined) => void) | undefined;
  #isMidLine = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get ip(): string {
    return this.#connection.remote.ip;
  }

  get isSecure(): boolean {
    return this.#connection.tls !== undefined;
  }

  channelBinding(type: string): Buffer | undefined {
    return this.#connection.tls?.channelBinding(type);
  }

  write(data: Uint8Array | string): void {
    this.#isMidLine = typeof data !== 'string' || !data.endsWith('\r\n') || data.endsWith('}\r\n');
    this.#connection.write(data);
  }

  /** What was said last is not whole: whatever else were said now would be read as part of it, of a literal perhaps. */
  get isMidLine(): boolean {
    return this.#isMidLine;
  }

  get isCongested(): boolean {
    return this.#connection.isCongested;
  }

  drained(): Promise<void> {
    return this.#connection.drained();
  }

  cut(trouble: unknown): void {
    this.#connection.destroy(trouble instanceof Error ? trouble : new Error(String(trouble)));
  }

  get signal(): AbortSignal {
    return this.#connection.signal;
  }

  ask(prompt: string): Promise<Buffer | undefined> {
    if (!this.#connection.isOpen) return Promise.resolve(undefined);
    this.#connection.write(`+ ${prompt}\r\n`);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  /** Whether a command waits for the client's line. */
  get isAsking(): boolean {
    return this.#answer !== undefined;
  }

  /** The line has come, or never will. */
  answer(line: Buffer | undefined): void {
    const resolve = this.#answer;
    this.#answer = undefined;
    resolve?.(line);
  }
}
