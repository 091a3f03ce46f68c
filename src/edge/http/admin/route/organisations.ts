/** Organisations, their domains, and the domains we pass on. */
import { Type } from 'typebox';
import type { OrganisationId } from '../../../../core/ids.ts';
import { isRefusal, refuse } from '../../../../core/refusal.ts';
import { type HostedDomain, type Organisation, parseRoute, routeText } from '../../../../service/accounts/accounts.ts';
import { bodyOf } from '../body.ts';
import type { Desk, Route } from '../desk.ts';
import { findOrganisation } from '../find.ts';

const organisationBody = bodyOf(
  Type.Object({ name: Type.String(), language: Type.Optional(Type.Enum(['en', 'nl'])) }, { additionalProperties: false }),
);
const changeBody = bodyOf(
  Type.Object(
    { language: Type.Optional(Type.Enum(['en', 'nl'])), journeyDays: Type.Optional(Type.Integer()) },
    { additionalProperties: false },
  ),
);
const domainBody = bodyOf(
  Type.Object({ name: Type.String(), organisation: Type.Optional(Type.String()) }, { additionalProperties: false }),
);
const relayBody = bodyOf(Type.Object({ domain: Type.String(), to: Type.String() }, { additionalProperties: false }));

const organisationView = ({ organisation, name, language, journeyDays }: Organisation) => ({
  id: organisation,
  name,
  language,
  journeyDays,
});

function domainView({ accounts }: Desk, { name, organisation }: HostedDomain) {
  return { name, organisation: organisationName(accounts.organisation(organisation), organisation) };
}

const organisationName = (organisation: Organisation | undefined, id: OrganisationId): string => organisation?.name ?? String(id);

export const organisationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/organisations',
    summary: 'All organisations',
    run: (_, { accounts }) => ({ value: { organisations: accounts.organisations().map(organisationView) } }),
  },
  {
    method: 'POST',
    path: '/organisations',
    summary: 'A new organisation, with a key of its own',
    run: async ({ body }, { accounts }) => {
      const checked = organisationBody(body);
      if (!checked.ok) return checked;
      const added = await accounts.addOrganisation({ name: checked.value.name, language: checked.value.language ?? 'en' });
      return isRefusal(added) ? added : { status: 201, value: organisationView(added) };
    },
  },
  {
    method: 'GET',
    path: '/organisation',
    summary: 'The one named by `organisation`, or the only one there is',
    run: ({ query }, desk) => {
      const organisation = findOrganisation(desk, query.get('organisation'));
      return isRefusal(organisation) ? organisation : { value: organisationView(organisation) };
    },
  },
  {
    method: 'PATCH',
    path: '/organisation',
    summary: 'Changes what is named of it and leaves the rest; its journeys are kept `journeyDays` days',
    run: async ({ query, body }, desk) => {
      const organisation = findOrganisation(desk, query.get('organisation'));
      if (isRefusal(organisation)) return organisation;
      const checked = changeBody(body);
      if (!checked.ok) return checked;
      const changed = await desk.accounts.changeOrganisation(organisation.organisation, checked.value);
      return isRefusal(changed) ? changed : { value: organisationView(changed) };
    },
  },
  {
    method: 'GET',
    path: '/domains',
    summary: 'Domains hosted here',
    run: (_, desk) => ({ value: { domains: desk.accounts.domains().map((domain) => domainView(desk, domain)) } }),
  },
  {
    method: 'POST',
    path: '/domains',
    summary: 'A domain whose mail lives here',
    run: async ({ body }, desk) => {
      const checked = domainBody(body);
      if (!checked.ok) return checked;
      const organisation = findOrganisation(desk, checked.value.organisation);
      if (isRefusal(organisation)) return organisation;
      const added = await desk.accounts.addDomain({ organisation: organisation.organisation, name: checked.value.name });
      return isRefusal(added) ? added : { status: 201, value: domainView(desk, added) };
    },
  },
  {
    method: 'GET',
    path: '/relays',
    summary: 'Domains we take mail for and pass on',
    run: (_, { accounts }) => ({ value: { relays: accounts.relays().map(({ name, route }) => ({ domain: name, to: routeText(route) })) } }),
  },
  {
    method: 'POST',
    path: '/relays',
    summary: 'A domain to pass on; said again, its route is changed',
    run: async ({ body }, { accounts }) => {
      const checked = relayBody(body);
      if (!checked.ok) return checked;
      const route = parseRoute(checked.value.to);
      if (route === undefined)
        return refuse('badValue', { what: 'to', value: checked.value.to.slice(0, 100), why: 'expected host:port or discard' });
      const refused = await accounts.addRelay({ name: checked.value.domain, route });
      return refused ?? { status: 201, value: { domain: checked.value.domain, to: routeText(route) } };
    },
  },
];
