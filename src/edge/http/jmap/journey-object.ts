/**
 * The Journey object of our own capability: what happened to one message, as
 * the person who asks may see it. `steps` are facts, protocol lines
 * verbatim; `told` the same in words.
 */
import { invalid } from '../../../codec/jmap/error.ts';
import { isText, type JsonObject } from '../../../codec/jmap/json.ts';
import type { Person } from '../../../service/accounts/accounts.ts';
import { type Journey, type Language, tell } from '../../../service/journey/journey.ts';
import { optional } from './arguments.ts';

export const JOURNEY_CAPABILITY = 'urn:eigenpost:params:jmap:journey';

export const JOURNEY_PROPERTIES: readonly string[] = [
  'direction',
  'seat',
  'from',
  'subject',
  'messageId',
  'startedAt',
  'updatedAt',
  'recipients',
  'steps',
  'told',
];

const utc = (moment: number): string => new Date(moment).toISOString();
const utcOrNull = (moment: number | null): string | null => (moment === null ? null : utc(moment));

export type Telling = Readonly<{ language: Language; timeZone: string; now: number }>;

/** `language` is the person's own where nothing is said, `timeZone` an IANA name. */
export function tellingOf(args: JsonObject, person: Person, now: number): Telling {
  const language = optional(args, 'language', isLanguage, person.language);
  const timeZone = optional(args, 'timeZone', isText, 'UTC');
  try {
    Intl.DateTimeFormat('en', { timeZone }).format(now);
  } catch {
    throw invalid('"timeZone" is no time zone');
  }
  return { language, timeZone, now };
}

const isLanguage = (value: unknown): value is Language => value === 'en' || value === 'nl';

export function journeyObject(journey: Journey, { language, timeZone, now }: Telling): JsonObject {
  const { journey: id, direction, seat, from, subject, messageId, startedAt, updatedAt, recipients, steps } = journey;
  return {
    id,
    direction,
    seat,
    from,
    subject,
    messageId,
    startedAt: utc(startedAt),
    updatedAt: utc(updatedAt),
    recipients: recipients.map(({ address, state, nextAt, giveUpAt }) => ({
      address,
      state,
      nextAt: utcOrNull(nextAt),
      giveUpAt: utcOrNull(giveUpAt),
    })),
    steps: steps.map(({ at, ...facts }) => ({ at: utc(at), ...facts })),
    told: tell(journey, language, { timeZone, now }),
  };
}
