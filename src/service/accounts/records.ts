/**
 * The directory's nouns as they lie in the store: sealed JSON, found by keyed
 * hashes of their names. What belongs to an account is sealed with its key, so
 * that destroying the key destroys it; what belongs to an organisation with
 * the organisation's.
 */
import { Fault } from '../../core/fault.ts';
import type { AccountId, DomainId, OrganisationId, OwnerId } from '../../core/ids.ts';
import type { Keyring, OwnerKey } from '../../core/ports/keyring.ts';
import type { DirectoryRow } from '../../core/ports/store.ts';
import type { AccountState, Language, RelayRoute, Scope } from './accounts.ts';

/** What a password leaves behind: an argon2id string (or made-passwords.ts), and the keys of SCRAM-SHA-256 (RFC 5802 §3), in hexadecimal. */
export type ScramKeys = Readonly<{ stored: string; server: string }>;

export type OrganisationRecord = Readonly<{
  kind: 'organisation';
  id: OrganisationId;
  name: string;
  language: Language;
  journeyDays: number;
}>;
export type DomainRecord = Readonly<{ kind: 'domain'; id: DomainId; organisation: OrganisationId; name: string }>;
export type RelayRecord = Readonly<{ kind: 'relay'; id: number; name: string; route: RelayRoute }>;
export type PersonRecord = Readonly<{
  kind: 'person';
  id: AccountId;
  organisation: OrganisationId;
  address: string;
  name: string;
  language: Language;
  state: AccountState;
  quota: number;
  admin: boolean;
  createdAt: number;
  /** Of a password we made, its keyed hash (made-passwords.ts). */
  argon2: string;
  scram: ScramKeys;
}>;
export type AliasRecord = Readonly<{
  kind: 'alias';
  id: number;
  organisation: OrganisationId;
  address: string;
  targets: readonly string[];
}>;
export type AppPasswordRecord = Readonly<{
  kind: 'appPassword';
  id: number;
  account: AccountId;
  label: string;
  scopes: readonly Scope[];
  senders: readonly string[];
  createdAt: number;
  /** Keyed hash of the password, in hexadecimal. */
  hash: string;
  scram: ScramKeys;
}>;
/** Where an account signed in from, and when its app passwords were last used: days since 1970, to write seldom. */
export type HabitRecord = Readonly<{
  kind: 'habit';
  id: AccountId;
  places: Readonly<Record<string, number>>;
  used: Readonly<Record<string, number>>;
}>;

export type DirectoryRecord =
  | OrganisationRecord
  | DomainRecord
  | RelayRecord
  | PersonRecord
  | AliasRecord
  | AppPasswordRecord
  | HabitRecord;

/** Eight bytes before the sealed part say whose key it is; 0 is the server's. */
const OWNER_BYTES = 8;
const SERVER = 0;

function ownerOf(record: DirectoryRecord): OwnerId | typeof SERVER {
  switch (record.kind) {
    case 'organisation':
    case 'person':
    case 'habit':
      return record.id;
    case 'domain':
    case 'alias':
      return record.organisation;
    case 'appPassword':
      return record.account;
    case 'relay':
      return SERVER;
  }
}

/** Names that are unique over the whole server. Domains and relays share theirs, people and aliases too. */
function namesOf(record: DirectoryRecord): string[] {
  switch (record.kind) {
    case 'organisation':
      return [`organisation:${record.name.normalize('NFC').toLowerCase()}`];
    case 'domain':
    case 'relay':
      return [`domain:${record.name}`];
    case 'person':
    case 'alias':
      return [`address:${record.address.normalize('NFC').toLowerCase()}`];
    case 'appPassword':
    case 'habit':
      return [];
  }
}

const contextOf = (kind: string, id: number): string => `directory/${kind}/${id}`;

/** @param key the owner's, given apart where it is not on the ring yet */
export function writeRecord(
  keys: Keyring,
  record: DirectoryRecord,
  key: OwnerKey | undefined = keyOf(keys, ownerOf(record)),
): DirectoryRow {
  if (key === undefined) throw new Error(`no key for ${record.kind} ${record.id}`);
  const { kind, id, ...rest } = record;
  const owner = Buffer.alloc(OWNER_BYTES);
  owner.writeBigUInt64BE(BigInt(ownerOf(record)));
  const sealed = Buffer.concat([owner, key.seal(JSON.stringify(rest), contextOf(kind, id))]);
  return { kind, id, names: namesOf(record).map((name) => keys.server.hash(name, 'directory-name')), sealed };
}

const KINDS: ReadonlySet<string> = new Set<DirectoryRecord['kind']>([
  'organisation',
  'domain',
  'relay',
  'person',
  'alias',
  'appPassword',
  'habit',
]);

/** Undefined for a kind of row that is not ours. Throws a Fault when the row does not open: that is damage, not input. */
export function readRecord(keys: Keyring, row: DirectoryRow): DirectoryRecord | undefined {
  if (!KINDS.has(row.kind)) return undefined;
  const sealed = Buffer.from(row.sealed.buffer, row.sealed.byteOffset, row.sealed.length);
  const key = sealed.length < OWNER_BYTES ? undefined : keyOf(keys, Number(sealed.readBigUInt64BE()));
  const plain = key?.open(sealed.subarray(OWNER_BYTES), contextOf(row.kind, row.id));
  if (plain === undefined) throw new Fault('unavailable', `directory row ${row.kind} ${row.id} does not open`);
  // Sealed by writeRecord with this very kind in its context, so it has this shape.
  return { ...JSON.parse(plain.toString('utf8')), kind: row.kind, id: row.id } as DirectoryRecord;
}

const keyOf = (keys: Keyring, owner: number): OwnerKey | undefined => (owner === SERVER ? keys.server : keys.of(owner as OwnerId));
