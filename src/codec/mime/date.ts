/**
 * Dates of mail (RFC 5322 §3.3, obsolete forms §4.3), and the other ways
 * people have written them: asctime, ISO 8601, names of zones, comments.
 */
import { trimBlank } from './field-text.ts';

/** Characters of a date that are looked at; nothing real comes near. */
const DATE_LIMIT = 200;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MINUTE_MS = 60_000;

/** Minutes east of Greenwich. RFC 5322 §4.3 names the American ones; the rest are what mail of Europe and Asia holds. Others count as +0000, as it asks. */
const ZONES: ReadonlyMap<string, number> = new Map([
  ['est', -300],
  ['edt', -240],
  ['cst', -360],
  ['cdt', -300],
  ['mst', -420],
  ['mdt', -360],
  ['pst', -480],
  ['pdt', -420],
  ['wet', 0],
  ['west', 60],
  ['bst', 60],
  ['cet', 60],
  ['met', 60],
  ['cest', 120],
  ['mest', 120],
  ['eet', 120],
  ['eest', 180],
  ['msk', 180],
  ['jst', 540],
  ['kst', 540],
]);

const ISO = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?[ ]?([Zz]|[+-]\d{2}:?\d{2})?$/;
const CLOCK = /^(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:\.\d{1,9})?$/;
/** RFC 5322 §4.3 lets white space stand around colons. */
const LOOSE_COLON = /\s+:\s*|:\s+/g;
const OFFSET = /^(?:gmt|utc|ut)?([+-])(\d{1,2}):?(\d{2})$/;

type Moment = { day?: number; month?: number; year?: number; clock?: readonly number[]; zoneMinutes?: number };

/** Milliseconds since 1970, and the minutes east of Greenwich by which it was written. */
export type ZonedDate = Readonly<{ ms: number; zoneMinutes: number }>;

/** Milliseconds since 1970, or undefined when it is no date. */
export const parseDate = (text: string): number | undefined => parseZonedDate(text)?.ms;

export function parseZonedDate(text: string): ZonedDate | undefined {
  const bare = trimBlank(withoutComments(text.slice(0, DATE_LIMIT))).replace(LOOSE_COLON, ':');
  const iso = ISO.exec(bare);
  if (iso !== null) return ofIso(iso);
  const moment: Moment = {};
  for (const word of bare.toLowerCase().split(/[\s,]+/)) readWord(moment, word);
  return zonedDate(moment);
}

function withoutComments(text: string): string {
  if (!text.includes('(')) return text;
  let out = '';
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')' && depth > 0) depth--;
    else if (depth === 0) out += character;
  }
  return out;
}

function ofIso(match: RegExpExecArray): ZonedDate | undefined {
  const [, year, month, day, hour, minute, second = '0', zone = 'z'] = match;
  const clock = [Number(hour), Number(minute), Number(second)];
  const zoneMinutes = offsetMinutes(zone.toLowerCase()) ?? 0;
  return zonedDate({ year: Number(year), month: Number(month) - 1, day: Number(day), clock, zoneMinutes });
}

/** Words may come in any order: a number is the day, then the year. */
function readWord(moment: Moment, word: string): void {
  const month = MONTHS.indexOf(word.slice(0, 3));
  if (month >= 0 && moment.month === undefined) moment.month = month;
  else if (/^\d{1,4}$/.test(word)) readNumber(moment, word);
  else if (word.includes('-') && !OFFSET.test(word)) for (const part of word.split('-', 3)) readWord(moment, part);
  else if (CLOCK.test(word)) moment.clock ??= (CLOCK.exec(word) ?? []).slice(1).map((part) => Number(part ?? 0));
  else if (moment.clock !== undefined) readZone(moment, word);
}

function readZone(moment: Moment, word: string): void {
  const minutes = offsetMinutes(word);
  if (minutes !== undefined) moment.zoneMinutes ??= minutes;
}

function readNumber(moment: Moment, word: string): void {
  const isPadded = word.length === 3 && word.startsWith('0');
  if (moment.day === undefined && (word.length <= 2 || isPadded)) moment.day = Number(word);
  else if (moment.year === undefined && word.length > 1) moment.year = fullYear(Number(word), word.length);
  // QUIRK: a zone without its sign lies east.
  else if (moment.clock !== undefined && word.length === 4) readZone(moment, `+${word}`);
}

/** RFC 5322 §4.3: two digits up to 49 are 20xx, others and three digits count from 1900. */
function fullYear(year: number, digits: number): number {
  if (digits === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits === 3 ? 1900 + year : year;
}

/** Minutes east of Greenwich for `+0100`, `GMT+1:00`, `EST`, `Z`; undefined for words that are no zone. */
function offsetMinutes(word: string): number | undefined {
  const match = OFFSET.exec(word);
  if (match !== null) {
    const minutes = Number(match[2]) * 60 + Number(match[3]);
    // SECURITY: +9999 would move a message by four days in every sorted list.
    return Number(match[2]) > 23 || Number(match[3]) > 59 ? 0 : match[1] === '-' ? -minutes : minutes;
  }
  return ZONES.get(word) ?? (/^[a-z]{1,5}$/.test(word) ? 0 : undefined);
}

function zonedDate(moment: Moment): ZonedDate | undefined {
  const ms = millisecondsOf(moment);
  return ms === undefined ? undefined : { ms, zoneMinutes: moment.zoneMinutes ?? 0 };
}

function millisecondsOf({ year, month, day, clock = [0, 0, 0], zoneMinutes = 0 }: Moment): number | undefined {
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const [hour = 0, minute = 0, second = 0] = clock;
  if (hour > 23 || minute > 59 || second > 60 || month < 0 || month > 11) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month, day);
  // A day the month does not have rolls over to another month.
  if (midnight.getUTCMonth() !== month || day === 0) return undefined;
  return midnight.getTime() + ((hour * 60 + minute - zoneMinutes) * 60 + second) * 1_000;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `Tue, 15 Nov 2024 08:12:31 +0000`, in the zone so many minutes east of Greenwich. */
export function formatDate(ms: number, zoneMinutes = 0): string {
  const date = new Date(ms + zoneMinutes * MINUTE_MS);
  const [day, month] = [DAY_NAMES[date.getUTCDay()] ?? '', MONTH_NAMES[date.getUTCMonth()] ?? ''];
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const distance = Math.abs(zoneMinutes);
  const zone = `${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(distance / 60))}${two(distance % 60)}`;
  return `${day}, ${date.getUTCDate()} ${month} ${String(date.getUTCFullYear()).padStart(4, '0')} ${clock} ${zone}`;
}
