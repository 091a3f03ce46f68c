/** "What happened to my mail?", asked at the desk: as a person, or as the admin of an organisation. */
import type { JourneyId } from '../../../../core/ids.ts';
import { isJourneyId } from '../../../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../../../core/refusal.ts';
import { JOURNEY_DAYS } from '../../../../service/accounts/accounts.ts';
import type { JourneySearch, Viewer } from '../../../../service/journey/journey.ts';
import { numberIn } from '../body.ts';
import type { Desk, Route } from '../desk.ts';
import { findOrganisation, findPerson } from '../find.ts';

const PAGE_LIMIT = 200;
const PAGE = 20;

/** `server=true` is the operator, who sees mail that only passes through. `as=noor@example.org` is that person; without it, the admin of `organisation`, who sees no subjects. */
function viewerOf(desk: Desk, query: URLSearchParams): Viewer | Refusal {
  if (query.get('server') === 'true') return { as: 'operator' };
  const as = query.get('as');
  if (as !== null) {
    const person = findPerson(desk, as);
    return isRefusal(person) ? person : { as: 'person', account: person.account };
  }
  const organisation = findOrganisation(desk, query.get('organisation'));
  return isRefusal(organisation) ? organisation : { as: 'admin', organisation: organisation.organisation };
}

/** How long what this viewer sees is kept. */
function keptDays({ accounts }: Desk, viewer: Viewer): number {
  if (viewer.as === 'operator') return JOURNEY_DAYS.otherwise;
  const organisation = viewer.as === 'admin' ? viewer.organisation : accounts.person(viewer.account)?.organisation;
  return (organisation === undefined ? undefined : accounts.organisation(organisation)?.journeyDays) ?? JOURNEY_DAYS.otherwise;
}

function searchOf(query: URLSearchParams): JourneySearch {
  const words = ['text', 'address', 'code'] as const;
  const given = words.flatMap((name) => {
    const value = query.get(name);
    return value === null || value === '' ? [] : [[name, value.slice(0, 1_000)] as const];
  });
  const direction = query.get('direction');
  const [from, to] = ['from', 'to'].map((name) => Date.parse(query.get(name) ?? ''));
  return {
    ...Object.fromEntries(given),
    ...(direction === 'in' || direction === 'out' ? { direction } : {}),
    ...(from === undefined || Number.isNaN(from) ? {} : { from }),
    ...(to === undefined || Number.isNaN(to) ? {} : { to }),
  };
}

export const journeyRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/journeys',
    summary: 'Journeys, newest first; `text`, `address`, `code`, `direction`, `from` and `to` narrow them down',
    run: async ({ query }, desk) => {
      const viewer = viewerOf(desk, query);
      if (isRefusal(viewer)) return viewer;
      const limit = numberIn(query, 'limit', { low: 1, high: PAGE_LIMIT, otherwise: PAGE });
      const before = query.get('before') ?? '';
      const after: Readonly<{ before?: JourneyId }> = isJourneyId(before) ? { before } : {};
      const journeys = await desk.journeys.list(viewer, { limit, search: searchOf(query), ...after });
      const next = journeys.length < limit ? null : (journeys.at(-1)?.journey ?? null);
      return { value: { journeys, next, keptDays: keptDays(desk, viewer) } };
    },
  },
  {
    method: 'GET',
    path: '/journeys/:journey',
    summary: 'One journey with its steps',
    run: async ({ params, query }, desk) => {
      const viewer = viewerOf(desk, query);
      if (isRefusal(viewer)) return viewer;
      const id = params['journey'] ?? '';
      const journey = isJourneyId(id) ? await desk.journeys.show(viewer, id) : undefined;
      return journey === undefined ? refuse('notFound', { what: 'journey' }) : { value: journey };
    },
  },
];
