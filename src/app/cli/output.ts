/** Tables and small words for people. */

/** Stand for bold on and off until the text is cleaned. Private use: no mail means anything by them. */
const BOLD = '\ue000';
const PLAIN = '\ue001';

/** Columns as wide as their widest cell; the last one is not padded. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll(/\s+/g, ' ')));
  const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [`${BOLD}${line(heads)}${PLAIN}`, ...cells.map(line), ''].join('\n');
}

/** Names and values, one a line. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

/**
 * SECURITY: what strangers wrote (replies, names, subjects) reaches a terminal
 * here; an escape sequence in it could rewrite the screen or worse.
 */
export function forTerminal(text: string, isBold: boolean): string {
  const clean = text.replaceAll(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
  return clean.replaceAll(BOLD, isBold ? '\x1b[1m' : '').replaceAll(PLAIN, isBold ? '\x1b[0m' : '');
}

export function size(octets: number): string {
  if (octets < 1024) return `${octets} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = octets;
  let unit = 'B';
  for (const next of units) {
    if (value < 1024) break;
    [value, unit] = [value / 1024, next];
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/** `10G`, `500M` or octets; undefined when it is none of these. */
export function readSize(text: string): number | undefined {
  const match = /^(\d{1,12})\s*([KMGT])?(?:i?B)?$/i.exec(text);
  if (match === null) return undefined;
  const power = ['', 'K', 'M', 'G', 'T'].indexOf((match[2] ?? '').toUpperCase());
  const octets = Number(match[1]) * 1024 ** power;
  return Number.isSafeInteger(octets) ? octets : undefined;
}

export const count = (amount: number, one: string, many: string): string => `${amount} ${amount === 1 ? one : many}`;

/** To the minute, in the machine's own time. */
export function when(iso: string): string {
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
