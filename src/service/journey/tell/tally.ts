/** The parts of a total of refusals, for the words of each language. */
import { refusalWords } from '../refusal-words.table.ts';
import type { Language } from '../sayings.table.ts';
import { tallied, type Tallied } from '../tallies.ts';

/** Reasons and origins that are named. */
const NAMED = 5;

export type TallyParts = Readonly<{
  count: string;
  people: number;
  more: boolean;
  /** `that mailbox is full (14)`, the most frequent first. */
  reasons: readonly string[];
  /** `203.0.113.0/24 (400)`. */
  causes: readonly string[];
  others: string | undefined;
}>;

export function tallyOf(step: Tallied, language: Language): TallyParts {
  const number = new Intl.NumberFormat(language);
  const sorted = (counts: Readonly<Record<string, number>>): [string, number][] => Object.entries(counts).sort(([, a], [, b]) => b - a);
  const causes = sorted(step.causes);
  const others = step.otherCauses + causes.slice(NAMED).reduce((sum, [, count]) => sum + count, 0);
  return {
    count: number.format(tallied(step)),
    people: step.to.length,
    more: step.toMore,
    reasons: sorted(step.refusals)
      .slice(0, NAMED)
      .map(([name, count]) => `${refusalWords(name)[language]} (${number.format(count)})`),
    causes: causes.slice(0, NAMED).map(([name, count]) => `${name} (${number.format(count)})`),
    others: others === 0 ? undefined : number.format(others),
  };
}
