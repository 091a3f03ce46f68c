/** Organisations, the domains they host, and the domains we pass on. */
import { parseDomain } from '../../codec/net/domain.ts';
import type { OrganisationId } from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { HostedDomain, Language, Organisation, RelayRoute } from './accounts.ts';
import { cleanName, type House, keep } from './house.ts';
import { type DomainRecord, type OrganisationRecord, type RelayRecord, writeRecord } from './records.ts';

/** How long journeys may be kept, and are where nobody says anything else. */
export const JOURNEY_DAYS = { least: 7, most: 365, otherwise: 30 } as const;
const PORT_LIMIT = 65_535;

export function organisationOf({ id, name, language, journeyDays }: OrganisationRecord): Organisation {
  return { organisation: id, name, language, journeyDays };
}

export function domainOf({ id, organisation, name }: DomainRecord): HostedDomain {
  return { domain: id, organisation, name };
}

/** Born with a key of its own, wrapped by the root key. */
export async function addOrganisation(house: House, ask: Readonly<{ name: string; language: Language }>): Promise<Organisation | Refusal> {
  const name = cleanName(ask.name);
  if (isRefusal(name)) return name;
  const id: OrganisationId = house.ids.next();
  const record: OrganisationRecord = { kind: 'organisation', id, name, language: ask.language, journeyDays: JOURNEY_DAYS.otherwise };
  const made = house.keys.make(id, null);
  const refused = await house.store.write([
    { do: 'putKey', owner: id, wrapped: made.wrapped },
    { do: 'put', row: writeRecord(house.keys, record, made.key) },
  ]);
  if (refused !== undefined) return refused;
  house.keys.adopt(made);
  house.directory.put(record);
  return organisationOf(record);
}

export type OrganisationChange = Readonly<{ language?: Language; journeyDays?: number }>;

export async function changeOrganisation(house: House, id: OrganisationId, change: OrganisationChange): Promise<Organisation | Refusal> {
  const now = house.directory.organisations.get(id);
  if (now === undefined) return refuse('notFound', { what: 'organisation' });
  const { least, most } = JOURNEY_DAYS;
  const days = change.journeyDays ?? now.journeyDays;
  if (!Number.isInteger(days) || days < least || days > most)
    return refuse('badValue', { what: 'journeyDays', value: String(days), why: 'outOfBounds', least: String(least), most: String(most) });
  const after: OrganisationRecord = { ...now, ...change };
  return (await keep(house, after)) ?? organisationOf(after);
}

export async function addDomain(
  house: House,
  ask: Readonly<{ organisation: OrganisationId; name: string }>,
): Promise<HostedDomain | Refusal> {
  const name = parseDomain(ask.name.trim(), { allowFinalDot: true });
  if (!name.ok) return refuse('badValue', { what: 'domain', value: ask.name.slice(0, 300), why: name.why });
  if (!house.directory.organisations.has(ask.organisation)) return refuse('notFound', { what: 'organisation' });
  const record: DomainRecord = { kind: 'domain', id: house.ids.next(), organisation: ask.organisation, name: name.value };
  return (await keep(house, record)) ?? domainOf(record);
}

export async function addRelay(house: House, ask: Readonly<{ name: string; route: RelayRoute }>): Promise<Refusal | undefined> {
  const name = parseDomain(ask.name.trim(), { allowFinalDot: true });
  if (!name.ok) return refuse('badValue', { what: 'domain', value: ask.name.slice(0, 300), why: name.why });
  const { route } = ask;
  const isPort = route.to === 'discard' || (Number.isInteger(route.port) && route.port > 0 && route.port <= PORT_LIMIT);
  if (!isPort) return refuse('badValue', { what: 'port' });
  // Said again, a relay is changed: the file that names relays is read at every start.
  const known = house.directory.domain(name.value);
  const id = known?.kind === 'relay' ? known.id : house.ids.next();
  const record: RelayRecord = { kind: 'relay', id, name: name.value, route };
  return keep(house, record);
}
