/** Addresses that stand for others. */
import { addressText } from '../../core/address.ts';
import type { OrganisationId } from '../../core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Alias } from './accounts.ts';
import { type House, keep } from './house.ts';
import { newAddress, newTargets } from './new-address.ts';
import type { AliasRecord } from './records.ts';

/** Targets written in one alias; more is a list, or an alias of aliases. */
const TARGETS_LIMIT = 1_000;

export function aliasOf({ id, organisation, address, targets }: AliasRecord): Alias {
  return { id, organisation, address, targets };
}

export async function addAlias(
  house: House,
  ask: Readonly<{ organisation: OrganisationId; address: string; targets: readonly string[] }>,
): Promise<Alias | Refusal> {
  const address = newAddress(ask.address);
  if (isRefusal(address)) return address;
  const targets = newTargets(ask.targets, TARGETS_LIMIT);
  if (isRefusal(targets)) return targets;
  const domain = house.directory.domain(address.domain);
  if (domain?.kind !== 'domain' || domain.organisation !== ask.organisation)
    return refuse('notFound', { what: 'domain', value: address.domain });
  const record: AliasRecord = {
    kind: 'alias',
    id: house.ids.next(),
    organisation: ask.organisation,
    address: addressText(address),
    targets,
  };
  return (await keep(house, record)) ?? aliasOf(record);
}

export async function removeAlias(house: House, id: number): Promise<Refusal | undefined> {
  const record = house.directory.aliases.get(id);
  if (record === undefined) return refuse('notFound', { what: 'alias' });
  const refused = await house.store.write([{ do: 'remove', kind: 'alias', id }]);
  if (refused === undefined) house.directory.removeAlias(record);
  return refused;
}
