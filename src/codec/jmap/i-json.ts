/**
 * JSON as RFC 8620 §1.5 wants it: I-JSON (RFC 7493), so UTF-8 without half
 * surrogates and no name twice in one object. JSON.parse is kinder than that.
 */

export type ReadJson = Readonly<{ ok: true; value: unknown }> | Readonly<{ ok: false; at: number; why: string }>;

/** Objects and arrays within one another; no request needs more than a dozen. */
export const JSON_DEPTH_LIMIT = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Reads octets; `at` is a character of the decoded text, 0 where the octets are no UTF-8. */
export function readIJson(octets: Uint8Array): ReadJson {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return { ok: false, at: 0, why: 'the body is not UTF-8' };
  }
  const wrong = new Inspector(text).wrong();
  if (wrong !== undefined) return { ok: false, ...wrong };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, at: 0, why: 'the body is not JSON' };
  }
}

/** Names seen in an object, or null for an array. */
type Level = { names: Set<string> | null; expectsName: boolean };

/** Looks only for what JSON.parse lets pass; what it would refuse anyway is left to it. */
class Inspector {
  readonly #text: string;
  readonly #levels: Level[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  wrong(): Readonly<{ at: number; why: string }> | undefined {
    for (; this.#at < this.#text.length; this.#at++) {
      const why = this.#step(this.#text.charCodeAt(this.#at));
      if (why !== undefined) return { at: this.#at, why };
    }
    return undefined;
  }

  #step(code: number): string | undefined {
    const level = this.#levels.at(-1);
    switch (code) {
      case QUOTE:
        return this.#string(level);
      case 0x7b: // {
        return this.#open({ names: new Set(), expectsName: true });
      case 0x5b: // [
        return this.#open({ names: null, expectsName: false });
      case 0x7d: // }
      case 0x5d: // ]
        this.#levels.pop();
        return undefined;
      case 0x2c: // ,
        if (level?.names) level.expectsName = true;
        return undefined;
      default:
        return undefined;
    }
  }

  #open(level: Level): string | undefined {
    if (this.#levels.length >= JSON_DEPTH_LIMIT) return `more than ${JSON_DEPTH_LIMIT} levels`;
    this.#levels.push(level);
    return undefined;
  }

  /** Leaves #at on the closing quote. */
  #string(level: Level | undefined): string | undefined {
    const start = this.#at;
    let isPlain = true;
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) break;
      if (code !== BACKSLASH) continue;
      isPlain = false;
      this.#at++;
    }
    const isName = level?.expectsName === true;
    if (isPlain && !isName) return undefined;
    const value = valueOf(this.#text.slice(start, this.#at + 1), isPlain);
    if (value === undefined) return undefined;
    if (!isPlain && !value.isWellFormed()) return 'a string holds half a surrogate pair';
    if (!isName || level?.names == null) return undefined;
    level.expectsName = false;
    if (level.names.has(value)) return 'an object has a name twice';
    level.names.add(value);
    return undefined;
  }
}

/** Undefined where JSON.parse will find fault. */
function valueOf(literal: string, isPlain: boolean): string | undefined {
  if (isPlain) return literal.slice(1, -1);
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}
