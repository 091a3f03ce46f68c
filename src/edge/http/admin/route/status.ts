/** How the server is, in one answer. */
import { addedUp, TALLY_MS, type Tallied, tallyJourney } from '../../../../service/journey/journey.ts';
import type { Desk, Route } from '../desk.ts';
import { instant } from '../find.ts';

/** Hours of refusals that are summed up. */
const TALLIED_HOURS = 24;

/** Refusals of the last day that were not told one by one, on the whole server. */
async function refusalsOf({ journeys }: Desk, now: number): Promise<Tallied | null> {
  const hours = Array.from({ length: TALLIED_HOURS }, (_, hour) => tallyJourney(now - hour * TALLY_MS));
  const found = await Promise.all(hours.map((journey) => journeys.show({ as: 'operator' }, journey)));
  return addedUp(found.flatMap((journey) => journey?.steps ?? []).filter((step) => step.kind === 'tallied')) ?? null;
}

/** Mail that waits longer than this is worth a look: by then several tries have failed. */
const OLD_MS = 24 * 3_600_000;

export const statusRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/status',
    summary: 'Version, listeners, queue, and what is worth a look',
    run: async (_, desk) => {
      const { accounts, clock, about } = desk;
      const now = clock.now();
      const queue = await desk.queue.counts();
      const oldestSeconds = queue.oldestAcceptedAt === null ? null : Math.max(0, Math.floor((now - queue.oldestAcceptedAt) / 1000));
      const warnings =
        oldestSeconds !== null && oldestSeconds * 1000 > OLD_MS
          ? [`Mail has been waiting for ${Math.floor(oldestSeconds / 3600)} hours`]
          : [];
      return {
        value: {
          version: about.version,
          hostName: about.hostName,
          data: about.data,
          startedAt: instant(about.startedAt),
          uptimeSeconds: Math.max(0, Math.floor((now - about.startedAt) / 1000)),
          listeners: desk.listeners(),
          queue: { waiting: queue.waiting, held: queue.held, leased: queue.leased, oldestSeconds },
          organisations: accounts.organisations().length,
          domains: accounts.domains().length,
          people: accounts.people().length,
          refusals: await refusalsOf(desk, now),
          warnings,
        },
      };
    },
  },
];
