/** What an address means here: people, sub-addresses, aliases through aliases, roles, relays. Pure look-ups in the directory. */
import { addressKey, type MailAddress, splitAddress, subAddress } from '../../core/address.ts';
import { parseDomain } from '../../codec/net/domain.ts';
import type { AccountId, OrganisationId } from '../../core/ids.ts';
import type { Resolution, Target } from './accounts.ts';
import type { Directory } from './directory.ts';
import type { AliasRecord, PersonRecord } from './records.ts';

/** Aliases that point at aliases: more levels than any organisation chart, few enough to bound the walk. */
export const ALIAS_DEPTH_LIMIT = 10;
/** Addresses one alias may come to in all: an all-staff address of a large school. */
export const ALIAS_TARGETS_LIMIT = 5_000;
/** Steps of one walk, dead ends and repeats included: bounds what a tangle of aliases can cost. */
const WALK_LIMIT = 20_000;

/** RFC 5321 §4.5.1 and RFC 2142 §2: these reach somebody in every hosted domain. */
const ROLES: ReadonlySet<string> = new Set(['postmaster', 'abuse']);

/** An address as it came, with its domain in the one form we compare. Undefined when the domain is none. */
export function canonical(address: MailAddress): MailAddress | undefined {
  if (!/[^\x20-\x7e]/.test(address.domain)) return address;
  const domain = parseDomain(address.domain);
  return domain.ok ? { local: address.local, domain: domain.value } : undefined;
}

export function resolve(directory: Directory, address: MailAddress): Resolution {
  const where = canonical(address);
  const domain = where === undefined ? undefined : directory.domain(where.domain);
  if (where === undefined || domain === undefined) return { found: 'foreign' };
  if (domain.kind === 'relay') return { found: 'relay', domain: domain.name, route: domain.route };
  return resolveLocal(directory, where, domain.organisation);
}

function resolveLocal(directory: Directory, address: MailAddress, organisation: OrganisationId): Resolution {
  const found = holderOf(directory, address);
  if (found !== undefined && found.holder.kind === 'person') {
    const through = found.detail === null ? 'direct' : 'subaddress';
    return { found: 'local', organisation, through, detail: found.detail, targets: [toPerson(found.holder, address)] };
  }
  if (found !== undefined && found.holder.kind === 'alias') {
    const targets = expand(directory, found.holder);
    return targets.length === 0
      ? { found: 'nobody', organisation }
      : { found: 'local', organisation, through: 'alias', detail: found.detail, targets };
  }
  const officers = ROLES.has(address.local.toLowerCase()) ? directory.officers(organisation) : [];
  if (officers.length === 0) return { found: 'nobody', organisation };
  return { found: 'local', organisation, through: 'role', detail: null, targets: officers.map((person) => toPerson(person)) };
}

/** The exact address first: `noor+school` may be somebody of her own. */
function holderOf(
  directory: Directory,
  address: MailAddress,
): Readonly<{ holder: PersonRecord | AliasRecord; detail: string | null }> | undefined {
  const exact = directory.holder(address);
  if (exact !== undefined) return { holder: exact, detail: null };
  const { base, detail } = subAddress(address.local);
  const holder = detail === null ? undefined : directory.holder({ local: base, domain: address.domain });
  return holder === undefined ? undefined : { holder, detail };
}

function toPerson(person: PersonRecord, written?: MailAddress): Target {
  return { to: 'account', account: person.id, address: written === undefined ? person.address : `${written.local}@${written.domain}` };
}

/** Walks an alias to its ends, breadth first. Loops, repeats and dead ends add nothing. */
function expand(directory: Directory, start: AliasRecord): readonly Target[] {
  const ends = new Map<AccountId | string, Target>();
  const seen = new Set<number>([start.id]);
  let level: readonly AliasRecord[] = [start];
  let steps = 0;
  for (let depth = 0; depth < ALIAS_DEPTH_LIMIT && level.length > 0; depth++) {
    const next: AliasRecord[] = [];
    for (const text of level.flatMap(({ targets }) => targets)) {
      if (++steps > WALK_LIMIT || ends.size >= ALIAS_TARGETS_LIMIT) return [...ends.values()];
      const alias = follow(directory, text, ends);
      if (alias !== undefined && !seen.has(alias.id)) next.push(alias);
      if (alias !== undefined) seen.add(alias.id);
    }
    level = next;
  }
  return [...ends.values()];
}

/** One target: an end is added to `ends`, an alias given back to be walked. */
function follow(directory: Directory, text: string, ends: Map<AccountId | string, Target>): AliasRecord | undefined {
  const address = splitAddress(text);
  const domain = address === undefined ? undefined : directory.domain(address.domain);
  if (address === undefined) return undefined;
  if (domain === undefined || domain.kind === 'relay') {
    ends.set(addressKey(address), { to: 'remote', address: text });
    return undefined;
  }
  const found = holderOf(directory, address)?.holder;
  if (found?.kind === 'alias') return found;
  const people = found === undefined && ROLES.has(address.local.toLowerCase()) ? directory.officers(domain.organisation) : [];
  for (const person of people) if (!ends.has(person.id)) ends.set(person.id, toPerson(person));
  if (found !== undefined && !ends.has(found.id)) ends.set(found.id, toPerson(found, address));
  return undefined;
}
