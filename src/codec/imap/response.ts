/**
 * Gathers responses into octets to send. Text is joined as text and turned into octets a
 * piece at a time; contents of messages go through untouched. Nothing is sent here: the
 * session takes what has gathered when it is enough, or when it has nothing more to do.
 */

/** Characters joined before they become octets: large enough to be cheap, small enough never to be one giant string. */
const PIECE = 32_768;

export class ResponseWriter {
  #text = '';
  #pieces: Uint8Array[] = [];
  #octets = 0;

  /** Octets gathered, more or less: text counts by characters until it is turned. */
  get size(): number {
    return this.#octets + this.#text.length;
  }

  text(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE) this.#turn();
  }

  octets(bytes: Uint8Array): void {
    this.#turn();
    if (bytes.length > 0) this.#pieces.push(bytes);
    this.#octets += bytes.length;
  }

  /** `* ` line CRLF. */
  untagged(line: string): void {
    this.text(`* ${line}\r\n`);
  }

  tagged(tag: string, line: string): void {
    this.text(`${tag} ${line}\r\n`);
  }

  continuation(line: string): void {
    this.text(`+ ${line}\r\n`);
  }

  /** A literal of message octets. */
  literal(bytes: Uint8Array): void {
    this.text(`{${bytes.length}}\r\n`);
    this.octets(bytes);
  }

  /** A literal that may have NUL in it (RFC 9051 §4.3). */
  literal8(bytes: Uint8Array): void {
    this.text(`~{${bytes.length}}\r\n`);
    this.octets(bytes);
  }

  /** Everything gathered, in order; the writer is empty afterwards. */
  take(): readonly Uint8Array[] {
    this.#turn();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#octets = 0;
    return pieces;
  }

  #turn(): void {
    if (this.#text.length === 0) return;
    const piece = Buffer.from(this.#text, 'utf8');
    this.#pieces.push(piece);
    this.#octets += piece.length;
    this.#text = '';
  }
}
