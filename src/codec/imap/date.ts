/** The two dates of IMAP (RFC 9051 §9): a day in SEARCH, and the date-time of APPEND and INTERNALDATE. */
import type { Cursor } from './cursor.ts';

const MONTHS: readonly string[] = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH_NUMBERS: ReadonlyMap<string, number> = new Map(MONTHS.map((month, index) => [month.toLowerCase(), index]));

export const DAY_MS = 86_400_000;
/** Ninety-nine hours either way is nonsense; no place on earth is past fourteen. */
const ZONE_LIMIT_MINUTES = 24 * 60;

/** A day, as days since 1 January 1970. */
export function readDay(cursor: Cursor): number {
  const text = cursor.astring();
  const match = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text);
  const ms = match === null ? undefined : dayMs(match[1], match[2], match[3]);
  if (ms === undefined) cursor.fail('Expected a date like 1-Feb-2030');
  return (ms ?? 0) / DAY_MS;
}

/** A date-time, as milliseconds since 1 January 1970 UTC. */
export function readDateTime(cursor: Cursor): number {
  const text = cursor.string();
  const match = /^([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(text);
  const ms = match === null ? undefined : momentMs(match);
  if (ms === undefined) cursor.fail('Expected a date-time like "01-Feb-2030 12:00:00 +0000"');
  return ms ?? 0;
}

function momentMs(match: RegExpExecArray): number | undefined {
  const day = dayMs(match[1], match[2], match[3]);
  const [hours, minutes, seconds] = [Number(match[4]), Number(match[5]), Number(match[6])];
  const zone = Number(match[8]) * 60 + Number(match[9]);
  if (day === undefined || hours > 23 || minutes > 59 || seconds > 60 || Number(match[9]) > 59 || zone > ZONE_LIMIT_MINUTES)
    return undefined;
  return day + ((hours * 60 + minutes) * 60 + seconds) * 1000 - (match[7] === '-' ? -zone : zone) * 60_000;
}

function dayMs(day = '', month = '', year = ''): number | undefined {
  const monthNumber = MONTH_NUMBERS.get(month.toLowerCase());
  if (monthNumber === undefined) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), monthNumber, Number(day));
  return date.getUTCDate() === Number(day) ? date.getTime() : undefined;
}

/** INTERNALDATE's form, in UTC, quotes included. */
export function formatDateTime(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getUTCDate()}`.padStart(2, ' ');
  const year = `${date.getUTCFullYear()}`.padStart(4, '0');
  return `"${day}-${MONTHS[date.getUTCMonth()]}-${year} ${date.toISOString().slice(11, 19)} +0000"`;
}
