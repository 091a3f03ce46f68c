/** Hexadecimal digits, as quoted-printable, Q words and RFC 2231 write octets. */

/** The octet two digits stand for, or -1. */
export function hexPair(high: number | undefined, low: number | undefined): number {
  const first = hexDigit(high);
  if (first < 0) return -1;
  const second = hexDigit(low);
  return second < 0 ? -1 : first * 16 + second;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Two digits; RFC 2045 §6.7 asks for capital letters. */
export const hexOf = (byte: number): string => (byte < 16 ? '0' : '') + byte.toString(16).toUpperCase();
