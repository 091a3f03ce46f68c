/**
 * What was said on a connection, line by line, for journeys, incident reports
 * and `.dialog` replays. Bounded: the beginning is kept, then the latest.
 * Whoever hears a secret passes a masked line; content never comes here.
 */

/** Lines (or replies of several) kept of the beginning, where greeting, TLS and envelope are, and of the end, where the trouble is. */
const HEAD_LINES = 60;
const TAIL_LINES = 60;
/** Characters of one of them. RFC 5321 §4.5.3.1.5 allows 512 to a line, and EHLO has a dozen. */
const LENGTH = 2_048;
/** What stands for a secret. */
export const MASK = '********';

export class Transcript {
  readonly #head: string[] = [];
  /** A ring: `#dropped` lines fell out of it. */
  #tail: string[] = [];
  #next = 0;
  #dropped = 0;

  /** A line of the caller's, without its CRLF. */
  client(line: string): void {
    this.#add('C: ', line);
  }

  /** A reply of the server's; it may have several lines, divided by CRLF. */
  server(text: string): void {
    this.#add('S: ', text);
  }

  /** What no line shows: TLS begun, content left out. */
  note(text: string): void {
    this.#add('* ', text);
  }

  /** Oldest first; a line of dots where some were left out. */
  lines(): string[] {
    const tail = [...this.#tail.slice(this.#next), ...this.#tail.slice(0, this.#next)];
    const kept = this.#dropped === 0 ? [...this.#head, ...tail] : [...this.#head, `* … ${this.#dropped} left out …`, ...tail];
    return kept.flatMap((entry) => entry.split('\r\n').map((line, at) => (at === 0 ? line : `S: ${line}`)));
  }

  clear(): void {
    this.#head.length = 0;
    this.#tail = [];
    this.#next = 0;
    this.#dropped = 0;
  }

  #add(mark: string, line: string): void {
    const kept = mark + (line.length > LENGTH ? `${line.slice(0, LENGTH)}…` : line);
    if (this.#head.length < HEAD_LINES) this.#head.push(kept);
    else if (this.#tail.length < TAIL_LINES) this.#tail.push(kept);
    else {
      this.#tail[this.#next] = kept;
      this.#next = (this.#next + 1) % TAIL_LINES;
      this.#dropped++;
    }
  }
}
