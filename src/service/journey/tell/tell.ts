/**
 * A journey as a story: a headline, where each recipient stands, whose turn it
 * is, what to do, and every Step as a line with its verbatim text. All words
 * are in en.ts and nl.ts; here is only the order of telling.
 */
import type { Step } from '../../../core/step.ts';
import type { Journey, RecipientState } from '../journey.ts';
import { readable } from '../readable.ts';
import type { Language } from '../sayings.table.ts';
import { tallyJourney } from '../tallies.ts';
import { EN } from './en.ts';
import { type Mark, markOf } from './marks.ts';
import { momentsOf } from './moments.ts';
import { NL } from './nl.ts';
import { relaysOf } from './relay.ts';
import { type Part, partsOf, rawOf, type Saying, type Scene, type Words } from './scene.ts';
import { asSeen, type Duty, dutyOf, type Turn } from './turn.ts';

export type { Mark } from './marks.ts';
export type { Turn } from './turn.ts';

export type ToldLine = Readonly<{
  at: number;
  /** `14:02:11`, and the day it was. */
  clock: string;
  day: string;
  mark: Mark;
  text: string;
  detail?: string;
  /** Whom it is about, where there are several. */
  recipient?: string;
  /** Verbatim, as it came over the wire. */
  raw: readonly string[];
}>;

export type ToldRecipient = Readonly<{ address: string; state: RecipientState; words: string; turn: Turn; next: string | null }>;

export type Told = Readonly<{
  journey: string;
  language: Language;
  headline: string;
  recipients: readonly ToldRecipient[];
  turn: Turn;
  next: readonly string[];
  lines: readonly ToldLine[];
}>;

/** `timeZone`: an IANA name, UTC without one. `now`: times of this day go without a date; without it, the day of the last Step. */
export type TellOptions = Readonly<{ timeZone?: string; now?: number }>;

/** Things to do that are shown at once. */
const NEXT_LIMIT = 5;

const LANGUAGES: Readonly<Record<Language, Words>> = { en: EN, nl: NL };
const HAVE_IT: ReadonlySet<RecipientState> = new Set(['deliveredHere', 'filed']);
const GONE_ON: ReadonlySet<RecipientState> = new Set(['acceptedByRemote', 'forwarded', 'expanded']);
const LOST: ReadonlySet<RecipientState> = new Set(['bounced', 'expired', 'refused']);

export function tell(journey: Journey, language: Language, options: TellOptions = {}): Told {
  const words = LANGUAGES[language];
  const moments = momentsOf(language, options.timeZone ?? 'UTC', options.now ?? journey.updatedAt);
  const scene: Scene = { journey, language, moments, seat: journey.seat, relays: relaysOf(journey) };
  const parts = partsOf(journey);
  const duties = parts.map((part) => asSeen(dutyOf(part, scene, words), scene));
  const recipients = parts.map((part, index) => recipientOf(part, duties[index], { scene, words }));
  const heaviest = duties.toSorted((a, b) => b.weight - a.weight)[0];
  return {
    journey: journey.journey,
    language,
    headline: headlineOf(recipients, words) ?? readable(lastWords(scene, words)),
    recipients,
    turn: turnOf(heaviest),
    next: nextOf(recipients, duties),
    lines: journey.steps.map((step) => lineOf(step, { scene, words })),
  };
}

/** One Step that is no part of a message's story: totals of refusals. */
export function tellStep(step: Step, language: Language, options: TellOptions = {}): ToldLine {
  const { at } = step;
  const none = { from: '', subject: null, messageId: null, recipients: [] };
  const journey: Journey = {
    ...none,
    journey: tallyJourney(at),
    seat: 'admin',
    direction: 'in',
    startedAt: at,
    updatedAt: at,
    steps: [step],
  };
  const moments = momentsOf(language, options.timeZone ?? 'UTC', options.now ?? at);
  return lineOf(step, { scene: { journey, language, moments, seat: 'admin', relays: relaysOf(journey) }, words: LANGUAGES[language] });
}

type Telling = Readonly<{ scene: Scene; words: Words }>;

function recipientOf(part: Part, duty: Duty | undefined, { scene, words }: Telling): ToldRecipient {
  const { address, state } = part.line;
  return {
    address: readable(address),
    state,
    words: readable(words.states[state](part, scene)),
    turn: turnOf(duty),
    next: duty === undefined || duty.next === null ? null : readable(duty.next),
  };
}

function turnOf(duty: Duty | undefined): Turn {
  const { who, name } = duty?.turn ?? { who: 'nobody', name: null };
  return { who, name: name === null ? null : readable(name) };
}

/** One recipient: their words. Several: how many got it, and whether that is known or only handed over. */
function headlineOf(recipients: readonly ToldRecipient[], { phrases }: Words): string | undefined {
  const all = recipients.length;
  if (all <= 1) return recipients[0]?.words;
  const here = recipients.filter(({ state }) => HAVE_IT.has(state)).length;
  const gone = recipients.filter(({ state }) => GONE_ON.has(state)).length;
  const lost = recipients.filter(({ state }) => LOST.has(state)).length;
  if (lost > 0) return phrases.notDeliveredTo(lost, all);
  if (here + gone === 0) return new Set(recipients.map(({ words }) => words)).size === 1 ? recipients[0]?.words : phrases.partly(0, all);
  return gone > 0 ? phrases.handedOverFor(here + gone, all) : phrases.partly(here, all);
}

/** A story without a recipient line still has a last thing that happened. */
function lastWords(scene: Scene, words: Words): string {
  const step = scene.journey.steps.at(-1);
  return step === undefined ? '' : sayingOf(step, { scene, words }).text;
}

function nextOf(recipients: readonly ToldRecipient[], duties: readonly Duty[]): readonly string[] {
  const heaviest = Math.max(0, ...duties.map(({ weight }) => weight));
  const failed = heaviest >= 20;
  const wanted = recipients.filter((_, index) => {
    const weight = duties[index]?.weight ?? 0;
    return failed ? weight >= 20 : weight === heaviest;
  });
  const many = recipients.length > 1 && failed;
  const texts = wanted.flatMap(({ address, next }) => (next === null ? [] : [many ? `${address}: ${next}` : next]));
  return [...new Set(texts)].slice(0, NEXT_LIMIT);
}

function sayingOf(step: Step, { scene, words }: Telling): Saying {
  const say = words.steps[step.kind] as (step: Step, scene: Scene) => Saying;
  return say(step, scene);
}

function lineOf(step: Step, telling: Telling): ToldLine {
  const { scene } = telling;
  const saying = sayingOf(step, telling);
  const several = step.recipient !== undefined && scene.journey.recipients.length > 1;
  return {
    at: step.at,
    clock: scene.moments.clock(step.at),
    day: scene.moments.day(step.at),
    mark: markOf(step),
    text: readable(saying.text),
    ...(saying.detail === undefined ? {} : { detail: readable(saying.detail) }),
    ...(several ? { recipient: readable(step.recipient) } : {}),
    raw: rawOf(step),
  };
}
