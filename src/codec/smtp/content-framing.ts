/** How message content travels: dot-stuffed after DATA (RFC 5321 §4.5.2), or counted in BDAT chunks (RFC 3030) when it is binary. */
import { type Parsed, parsed } from '../../lib/parsed.ts';
import { DotStuffer } from './dot-stuffing.ts';

/** Octets gathered before a BDAT is said: large enough that commands and replies cost nothing. */
const CHUNK_BYTES = 262_144;

export abstract class ContentFraming {
  abstract readonly isChunked: boolean;
  isEnded = false;

  static for(body: '7bit' | '8bitmime' | 'binarymime'): ContentFraming {
    return body === 'binarymime' ? new ChunkFraming() : new DotFraming();
  }

  /** Message octets so far. */
  abstract get octets(): number;
  abstract push(chunk: Buffer): Parsed<Buffer[]>;
  abstract end(): Parsed<Buffer[]>;
  /** Commands that the bytes given back since the last call contain. */
  abstract takeCommands(): readonly string[];
}

class DotFraming extends ContentFraming {
  readonly isChunked = false;
  readonly #stuffer = new DotStuffer();

  get octets(): number {
    return this.#stuffer.octets;
  }

  push(chunk: Buffer): Parsed<Buffer[]> {
    return this.#stuffer.push(chunk);
  }

  end(): Parsed<Buffer[]> {
    const end = this.#stuffer.end();
    if (!end.ok) return end;
    this.isEnded = true;
    return parsed([Buffer.from(end.value)]);
  }

  takeCommands(): readonly string[] {
    return NOTHING;
  }
}

const NOTHING: readonly string[] = [];

class ChunkFraming extends ContentFraming {
  readonly isChunked = true;
  octets = 0;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #commands: string[] = [];

  push(chunk: Buffer): Parsed<Buffer[]> {
    this.octets += chunk.length;
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    return parsed(this.#heldBytes < CHUNK_BYTES ? [] : this.#flush(''));
  }

  end(): Parsed<Buffer[]> {
    this.isEnded = true;
    return parsed(this.#flush(' LAST'));
  }

  takeCommands(): readonly string[] {
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  #flush(mark: '' | ' LAST'): Buffer[] {
    const line = `BDAT ${this.#heldBytes}${mark}`;
    const pieces = [Buffer.from(`${line}\r\n`), ...this.#held];
    this.#commands.push(line);
    this.#held = [];
    this.#heldBytes = 0;
    return pieces;
  }
}
