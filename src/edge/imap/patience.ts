/** How long and how much a session puts up with: silence and errors, less of both before sign-in than after. */
import type { Clock } from '../../core/ports/clock.ts';
import type { Answer } from './answer.ts';

/** RFC 9051 §5.4: at least 30 minutes, IDLE included. */
const MEMBER_MS = 30 * 60_000;
/** To sign in, from the first moment: whoever takes longer only holds the line. */
const STRANGER_MS = 60_000;
/** SECURITY: wrong passwords and nonsense before sign-in, and nonsense (BAD) after it, until we hang up. */
const STRANGER_ERRORS = 5;
const MEMBER_ERRORS = 50;

export class Patience {
  readonly #clock: Clock;
  #isMember = false;
  #since: number;
  #errors = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  /** The client has signed in. */
  trust(): void {
    this.#isMember = true;
    this.#errors = 0;
    this.heard();
  }

  /** Something came. Strangers gain no time by talking. */
  heard(): void {
    if (this.#isMember) this.#since = this.#clock.now();
  }

  /** Milliseconds of silence still borne. */
  get leftMs(): number {
    return this.#since + (this.#isMember ? MEMBER_MS : STRANGER_MS) - this.#clock.now();
  }

  /** Counts an answer; true when it was one error too many. */
  isTooMuch({ status }: Answer): boolean {
    if (status === 'OK' || (status === 'NO' && this.#isMember)) return false;
    return ++this.#errors >= (this.#isMember ? MEMBER_ERRORS : STRANGER_ERRORS);
  }
}
