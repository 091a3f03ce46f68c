/** The Session object (RFC 8620 §2): what there is, where it is, and how much of it at once. */
import { createHash } from 'node:crypto';
import { idOf } from '../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import type { Person } from '../../../service/accounts/accounts.ts';
import { type Capability, capabilityRows } from './capabilities.ts';

export const PATHS = {
  wellKnown: '/.well-known/jmap',
  session: '/jmap/session',
  api: '/jmap/api',
  upload: '/jmap/upload',
  download: '/jmap/download',
  events: '/jmap/events',
} as const;

/** Characters of a state: enough that two sessions do not meet. */
const STATE_CHARACTERS = 16;

/** @param origin as the client reached us: `https://mail.example.org` */
export function sessionObject(
  person: Person,
  {
    messageLimit,
    origin,
    applicationServerKey,
  }: Readonly<{ messageLimit: number; origin: string; applicationServerKey: string | undefined }>,
): JsonObject {
  const account = idOf('account', person.account);
  const rows = Object.entries(capabilityRows(messageLimit, applicationServerKey));
  const ofAccount = rows.flatMap(([name, row]) => (row.account === null ? [] : [[name, row.account] as const]));
  const session = {
    capabilities: Object.fromEntries(rows.map(([name, row]) => [name, row.session])),
    accounts: {
      [account]: { name: person.address, isPersonal: true, isReadOnly: false, accountCapabilities: Object.fromEntries(ofAccount) },
    },
    primaryAccounts: Object.fromEntries(ofAccount.map(([name]) => [name, account])),
    username: person.address,
    apiUrl: origin + PATHS.api,
    downloadUrl: `${origin}${PATHS.download}/{accountId}/{blobId}/{name}?type={type}`,
    uploadUrl: `${origin}${PATHS.upload}/{accountId}`,
    eventSourceUrl: `${origin}${PATHS.events}?types={types}&closeafter={closeafter}&ping={ping}`,
  };
  return { ...session, state: stateOf(session) };
}

/** Changes when anything in the session does. */
function stateOf(session: JsonObject): string {
  return createHash('sha256').update(JSON.stringify(session)).digest('base64url').slice(0, STATE_CHARACTERS);
}

/** The names a request may use. */
export const knownCapabilities = (messageLimit: number, applicationServerKey: string | undefined): ReadonlySet<string> =>
  new Set<string>(Object.keys(capabilityRows(messageLimit, applicationServerKey)) as Capability[]);
