/**
 * The conversation word for word, for the journey: `C: ` what we said,
 * `S: ` what they said. The opening of a connection is kept apart, so that each
 * message sent over it tells the whole story. Bounded in the middle: the
 * beginning says who spoke, the end what came of it.
 */

/** Lines kept from the beginning and from the end of each part. */
const HEAD_LINES = 60;
const TAIL_LINES = 60;
/** Characters of one line; RFC 5321 §4.5.3.1 knows none longer than 512. */
const LINE_LIMIT = 1024;

export class Dialogue {
  #opening = new Part();
  #part = this.#opening;

  say(line: string): void {
    this.#part.add(`C: ${line}`);
  }

  hear(lines: readonly string[]): void {
    for (const line of lines) this.#part.add(`S: ${line}`);
  }

  /** What happened besides words, such as the handshake. */
  note(text: string): void {
    this.#part.add(`-- ${text}`);
  }

  /** From here on a new message is spoken about. */
  startMessage(): void {
    this.#part = new Part();
  }

  get lines(): string[] {
    return this.#part === this.#opening ? this.#opening.lines : [...this.#opening.lines, ...this.#part.lines];
  }
}

class Part {
  readonly #head: string[] = [];
  readonly #tail: string[] = [];
  #omitted = 0;

  add(line: string): void {
    const short = line.length > LINE_LIMIT ? `${line.slice(0, LINE_LIMIT)} …` : line;
    if (this.#head.length < HEAD_LINES) {
      this.#head.push(short);
      return;
    }
    this.#tail.push(short);
    if (this.#tail.length > TAIL_LINES) {
      this.#tail.shift();
      this.#omitted++;
    }
  }

  get lines(): string[] {
    if (this.#tail.length === 0) return this.#head;
    return this.#omitted > 0 ? [...this.#head, `-- ${this.#omitted} lines left out`, ...this.#tail] : [...this.#head, ...this.#tail];
  }
}
