/**
 * Refusals in totals: where a flood of them is not told one by one, an
 * hour of it is one journey, of the organisation it concerns and of the whole
 * server. What is counted is written as it comes, in rows that add up; nobody
 * has to read before writing, and what a crash cuts off is what was not
 * written yet.
 */
import { type JourneyId, lowestJourney } from '../../core/ids.ts';
import type { Step } from '../../core/step.ts';

export type Tallied = Extract<Step, { kind: 'tallied' }>;

export const TALLY_MS = 3_600_000;

/** Addresses named in an hour; more people than these are "more than". */
export const TALLIED_PEOPLE = 200;
/** Networks and senders named in an hour's journey. */
const CAUSES = 50;

/** The beginning of the hour (ms). */
export const tallyHour = (at: number): number => Math.floor(at / TALLY_MS) * TALLY_MS;

/** The journey of that hour's totals: each organisation's own rows have it. No message ever has this id: its random part is nought. */
export const tallyJourney = (at: number): JourneyId => lowestJourney(tallyHour(at));

function addedTo(sums: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
}

/** The largest first, as many as may be named; and how many the others are together. */
export function largest(sums: ReadonlyMap<string, number>, most: number): Readonly<{ named: Record<string, number>; rest: number }> {
  const sorted = [...sums].sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(most).reduce((sum, [, count]) => sum + count, 0);
  return { named: Object.fromEntries(sorted.slice(0, most)), rest };
}

/** Several totals as one, from the first beginning to the last end; undefined for none. */
export function addedUp(tallies: readonly Tallied[]): Tallied | undefined {
  const [first] = tallies;
  if (first === undefined || tallies.length === 1) return first;
  const [refusals, causes] = [new Map<string, number>(), new Map<string, number>()];
  const to = new Set<string>();
  for (const tally of tallies) {
    addedTo(refusals, tally.refusals);
    addedTo(causes, tally.causes);
    for (const address of tally.to) to.add(address);
  }
  const { named, rest } = largest(causes, CAUSES);
  return {
    kind: 'tallied',
    at: Math.max(...tallies.map(({ at }) => at)),
    of: first.of,
    from: Math.min(...tallies.map(({ from }) => from)),
    until: Math.max(...tallies.map(({ until }) => until)),
    refusals: largest(refusals, refusals.size).named,
    causes: named,
    otherCauses: rest + tallies.reduce((sum, { otherCauses }) => sum + otherCauses, 0),
    to: [...to].slice(0, TALLIED_PEOPLE),
    toMore: to.size > TALLIED_PEOPLE || tallies.some(({ toMore }) => toMore),
  };
}

/** How many refusals these are. */
export const tallied = ({ refusals }: Tallied): number => Object.values(refusals).reduce((sum, count) => sum + count, 0);
