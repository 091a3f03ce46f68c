/** The announcement of a literal at the end of a line (RFC 9051 §4.3, RFC 7888, RFC 3516): `{n}`, `{n+}`, `~{n}`. */

/** `at` is where the announcement begins; `waits` that the client sends nothing before it is asked to. */
export type Announced = Readonly<{ at: number; size: number; waits: boolean; isBinary: boolean }>;

/** Digits of a literal's size: eighteen are below 2^63, and past 2^53 it is refused for its size anyway. */
const DIGIT_LIMIT = 18;
/** Octets of the longest announcement with its CRLF. */
export const LONGEST_ANNOUNCEMENT = DIGIT_LIMIT + 6;

const CLOSE = 0x7d;
const OPEN = 0x7b;
const PLUS = 0x2b;
const TILDE = 0x7e;

/** The literal announced by the last octets of a line (given without CRLF). */
export function endingLiteral(line: Buffer): Announced | undefined {
  let at = line.length - 1;
  if (line[at] !== CLOSE) return undefined;
  at--;
  const waits = line[at] !== PLUS;
  if (!waits) at--;
  const lastDigit = at;
  while (isDigit(line[at]) && lastDigit - at < DIGIT_LIMIT) at--;
  if (at === lastDigit || line[at] !== OPEN) return undefined;
  const size = Number(line.toString('latin1', at + 1, lastDigit + 1));
  const isBinary = line[at - 1] === TILDE;
  return { at: isBinary ? at - 1 : at, size, waits, isBinary };
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
