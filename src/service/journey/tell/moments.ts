/** Times and dates as people read them, in their language and their zone. */
import type { Language } from '../sayings.table.ts';

export type Moments = Readonly<{
  /** `14:20`, with the day behind it when it is not the day of reference. */
  moment(at: number): string;
  /** `Tuesday 3 March`. */
  day(at: number): string;
  /** The end of a wait that goes on at `since`: the day, and the time too where it is less than a day off. */
  until(at: number, since: number): string;
  /** `14:20:11`. */
  clock(at: number): string;
}>;

/** A wait that ends sooner is told to the minute. */
const NEAR_MS = 86_400_000;

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', nl: 'nl-NL' };
/** Languages times the zones in use; a formatter costs some 50 µs to make. */
const KEPT_LIMIT = 64;

type Formats = Readonly<{ minute: Intl.DateTimeFormat; second: Intl.DateTimeFormat; day: Intl.DateTimeFormat }>;
const kept = new Map<string, Formats>();

function formatsOf(language: Language, timeZone: string): Formats {
  const key = `${language} ${timeZone}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(LOCALES[language], { ...options, timeZone, hourCycle: 'h23' });
  const made = {
    minute: format({ hour: '2-digit', minute: '2-digit' }),
    second: format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    day: format({ weekday: 'long', day: 'numeric', month: 'long' }),
  };
  if (kept.size < KEPT_LIMIT) kept.set(key, made);
  return made;
}

/** A zone's name comes from a person's settings: one we do not know is read as UTC. */
function knownZone(timeZone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

/** @param reference the day whose times need no date */
export function momentsOf(language: Language, timeZone: string, reference: number): Moments {
  const formats = formatsOf(language, knownZone(timeZone));
  const day = (at: number): string => formats.day.format(at).replace(',', '');
  const today = day(reference);
  const on = language === 'en' ? 'on' : 'op';
  const moment = (at: number): string => (day(at) === today ? formats.minute.format(at) : `${formats.minute.format(at)} ${on} ${day(at)}`);
  return {
    day,
    moment,
    until: (at, since) => (at - since < NEAR_MS ? moment(at) : day(at)),
    clock: (at) => formats.second.format(at),
  };
}
