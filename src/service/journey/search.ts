/**
 * Finding journeys. Rows are sealed, so a search looks at all of them; most
 * are thrown out on their text alone, hundreds at a time (sift.ts), before
 * anything is opened. Only what the viewer may see can be found: a hit is
 * judged on the assembled journey.
 */
import type { ReplyFacts, Step, StepKind } from '../../core/step.ts';
import type { Journey, JourneySearch, RecipientState } from './journey.ts';
import { spellings } from './spellings.ts';

/** Characters of a search word: longer than any address or Message-ID (RFC 5322 §2.1.1). */
const WORD_LIMIT = 998;

/** Below U+0300 every text is in its one spelling (Unicode Standard Annex 15, NFC_Quick_Check). */
const MANY_SPELLINGS = /[\u0300-\uffff]/;

/** Compared so: one spelling of accents, no case. */
export const folded = (text: string): string => (MANY_SPELLINGS.test(text) ? text.normalize('NFC') : text).toLowerCase();

/** The kinds of Step that can bring a recipient into a state: without one of them in a row's text, there is no need to read it. */
export const LEADS_TO: Readonly<Partial<Record<RecipientState, readonly StepKind[]>>> = {
  queued: ['queued', 'released', 'hurried'],
  sending: ['tried'],
  deferred: ['deferred', 'held'],
  acceptedByRemote: ['sent'],
  deliveredHere: ['filed'],
  filed: ['filed'],
  refused: ['refused'],
  bounced: ['bounced'],
  expired: ['expired'],
  quarantined: ['held'],
  forwarded: ['redirected'],
  expanded: ['expanded'],
  cancelled: ['cancelled'],
  held: ['held', 'paused'],
};

export type Finder = Readonly<{
  /** Whether texts are looked at at all. */
  looks: boolean;
  /**
   * Quick look at the folded text of rows, of one journey or of many, and at
   * the ids of those journeys; false where none of them can fit.
   */
  mayFit(ids: string, text: string): boolean;
  /**
   * A closer look at one journey's Steps, before anything is left out of them:
   * "inbox" is in the text of many rows, and in nothing that is searched.
   */
  mayFitSteps(id: string, steps: readonly Step[]): boolean;
  /** The judgement. */
  fits(journey: Journey): boolean;
  from: number;
  to: number;
}>;

/** A word in all its spellings; none where there is nothing to look for. */
type Word = readonly string[];

const wordOf = (text: string | undefined): Word => {
  const word = folded((text ?? '').trim().slice(0, WORD_LIMIT));
  return word === '' ? [] : spellings(word);
};

const holds = (text: string, word: Word): boolean => {
  const whole = folded(text);
  return word.some((form) => whole.includes(form));
};

export function finderOf(search: JourneySearch): Finder {
  const text = wordOf(search.text);
  const address = wordOf(search.address);
  const code = (search.code ?? '').trim().slice(0, WORD_LIMIT);
  const needles = [text, address, ...codeParts(code).map((part) => [part])].filter((word) => word.length > 0);
  const inJson = needles.map((word) => word.map(asInJson));
  const kinds = search.state === undefined ? undefined : LEADS_TO[search.state]?.map((kind) => `"kind":"${kind}"`);
  return {
    from: search.from ?? -Infinity,
    to: search.to ?? Infinity,
    looks: needles.length > 0 || kinds !== undefined,
    mayFit: (ids, rows) =>
      (kinds === undefined || kinds.some((kind) => rows.includes(kind))) &&
      inJson.every((word, index) => word.some((form) => rows.includes(form)) || (needles[index] === text && holds(ids, text))),
    mayFitSteps: (id, steps) =>
      (text.length === 0 || holds(id, text) || steps.some((step) => hasName(step, text) || stepHas(step, text))) &&
      (address.length === 0 || steps.some((step) => hasName(step, address))) &&
      (code === '' || steps.some((step) => repliesOf(step).some((reply) => hasCode(reply, code)))),
    fits: (journey) =>
      (text.length === 0 || hasText(journey, text)) &&
      (address.length === 0 || hasAddress(journey, address)) &&
      (code === '' || journey.steps.some((step) => repliesOf(step).some((reply) => hasCode(reply, code)))) &&
      (search.state === undefined || journey.recipients.some(({ state }) => state === search.state)) &&
      (search.direction === undefined || goes(journey, search.direction)) &&
      journey.startedAt >= (search.from ?? -Infinity) &&
      journey.startedAt <= (search.to ?? Infinity),
  };
}

/** As a word stands in JSON: quotes, backslashes and control characters are escaped there. */
const asInJson = (word: string): string => JSON.stringify(word).slice(1, -1);

/** `550`, `5.1.1` or `550 5.1.1`. */
const codeParts = (code: string): readonly string[] => code.split(' ').filter((part) => part !== '');

function hasCode(reply: ReplyFacts, code: string): boolean {
  return codeParts(code).every((part) => String(reply.code) === part || reply.enhanced === part);
}

/** Replies that a Step carries. */
export function repliesOf(step: Step): readonly ReplyFacts[] {
  switch (step.kind) {
    case 'refused':
    case 'sent':
      return [step.reply];
    case 'deferred':
    case 'bounced':
      return step.reply === null ? [] : [step.reply];
    case 'expired':
      return step.lastReply === null ? [] : [step.lastReply];
    default:
      return [];
  }
}

/** Whether what a journey may be called by is in this Step: sender, recipients, subject, Message-ID. */
function hasName(step: Step, word: Word): boolean {
  const names = [step.recipient];
  if (step.kind === 'received') names.push(step.from, step.subject, step.messageId, ...step.to);
  else if (step.kind === 'refused') names.push(step.from);
  else if (step.kind === 'expanded') names.push(step.from, ...step.to);
  return names.some((name) => name !== undefined && holds(name, word));
}

function hasAddress(journey: Journey, word: Word): boolean {
  return holds(journey.from, word) || journey.recipients.some(({ address }) => holds(address, word));
}

function hasText(journey: Journey, word: Word): boolean {
  return (
    holds(journey.journey, word) ||
    hasAddress(journey, word) ||
    [journey.subject, journey.messageId].some((value) => value !== null && holds(value, word)) ||
    journey.steps.some((step) => stepHas(step, word))
  );
}

function stepHas(step: Step, word: Word): boolean {
  if (step.kind === 'received' && step.headerFrom !== undefined && holds(step.headerFrom, word)) return true;
  if (step.kind === 'tried' && [step.host, ...step.dialogue].some((line) => holds(line, word))) return true;
  if (step.kind === 'tallied') return [...step.to, ...Object.keys(step.causes)].some((named) => holds(named, word));
  return repliesOf(step).some(({ lines }) => lines.some((line) => holds(line, word)));
}

/** Mail between two people here is outgoing for the one and incoming for the other. */
function goes(journey: Journey, direction: 'in' | 'out'): boolean {
  if (journey.direction !== 'here') return journey.direction === direction;
  return journey.seat === 'admin' || (journey.seat === 'sender') === (direction === 'out');
}
