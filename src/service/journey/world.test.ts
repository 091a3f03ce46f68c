/** A small organisation for the tests of this folder: a store, keys, people, and stories as the pipeline writes them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fakeClock } from '../../adapter/memory/clock.ts';
import { memoryKeyring } from '../../adapter/memory/keyring.ts';
import { memoryStore } from '../../adapter/memory/store.ts';
import { type AccountId, IdMaker, type JourneyId, journeyId, type OrganisationId, type OwnerId } from '../../core/ids.ts';
import type { ReplyFacts, Step } from '../../core/step.ts';
import { type Entry, type Journal, type JourneyReader, openJournal, openReader } from './journey.ts';

export const NOON = Date.UTC(2026, 2, 3, 12, 2, 11);
export const SCHOOL = 11 as OrganisationId;
export const COUNCIL = 12 as OrganisationId;
export const NOOR = 21 as AccountId;
export const ANNA = 22 as AccountId;
export const BRAM = 23 as AccountId;
export const CEES = 24 as AccountId;
export const OTTO = 31 as AccountId;

const PEOPLE: ReadonlyMap<AccountId, Readonly<{ address: string; organisation: OrganisationId }>> = new Map([
  [NOOR, { address: 'noor@school.example', organisation: SCHOOL }],
  [ANNA, { address: 'anna@school.example', organisation: SCHOOL }],
  [BRAM, { address: 'bram@school.example', organisation: SCHOOL }],
  [CEES, { address: 'cees@school.example', organisation: SCHOOL }],
  [OTTO, { address: 'otto@council.example', organisation: COUNCIL }],
]);

export type World = Readonly<{
  journal: Journal;
  reader: JourneyReader;
  ids: IdMaker;
  keyring: ReturnType<typeof memoryKeyring>;
  store: ReturnType<typeof memoryStore>;
  write(entry: Entry): Promise<void>;
  newJourney(at?: number): JourneyId;
}>;

let counter = 0;

/** Different bytes each time, the same in every run. */
function testDice(): { bytes(count: number): Uint8Array } {
  return {
    bytes(count) {
      const bytes = new Uint8Array(count);
      let seed = ++counter * 2_654_435_761;
      for (let at = 0; at < count; at++) {
        seed = (Math.imul(seed ^ (seed >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
        bytes[at] = seed >>> 11;
      }
      return bytes;
    },
  };
}

export function world(options: Readonly<{ mayUse?: boolean; now?: () => number }> = {}): World {
  const dice = testDice();
  const clock = fakeClock(NOON);
  const keyring = memoryKeyring(dice);
  for (const owner of [SCHOOL, COUNCIL, ...PEOPLE.keys()] as readonly OwnerId[]) keyring.add(owner);
  const store = memoryStore({ now: clock.now });
  const ids = new IdMaker(clock.now);
  const journal = openJournal({ keyring, ids });
  const mayUse = (account: AccountId, address: string): boolean => PEOPLE.get(account)?.address === address.toLowerCase();
  const accounts = {
    organisationOf: (account: AccountId) => PEOPLE.get(account)?.organisation,
    ...(options.mayUse === false ? {} : { mayUse }),
  };
  const reader = openReader({ store, keyring, accounts, ...(options.now === undefined ? {} : { now: options.now }) });
  return {
    journal,
    reader,
    ids,
    keyring,
    store,
    newJourney: (at = NOON) => journeyId(at, dice.bytes(11)),
    async write(entry) {
      for (const row of journal.rows(entry)) await store.journeys(row.owner).add([row]);
      await nextTurn();
    },
  };
}

export const reply = (...lines: string[]): ReplyFacts => {
  const last = lines.at(-1) ?? '';
  const enhanced = /^\d{3}[ -]([245]\.\d+\.\d+)/.exec(last)?.[1] ?? null;
  return { code: Number(last.slice(0, 3)), enhanced, lines };
};

export const PHONE = { ip: '198.51.100.77', helo: 'noors-phone.local' };
export const DENY = '550 5.1.1 <piet@far.example>: no such user';

/** Noor writes to Anna, Bram (Bcc), and to Piet outside: everything anybody knows of it. */
export function wholeStory(at: number): readonly Step[] {
  return [
    {
      kind: 'received',
      at,
      origin: 'submission',
      from: 'noor@school.example',
      to: ['anna@school.example', 'bram@school.example', 'piet@far.example'],
      peer: PHONE,
      tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', proven: 'none' },
      size: 1234,
      subject: 'Rapport groep 7',
      headerFrom: '"Noor de Wit" <noor@school.example>',
      messageId: '<1@school.example>',
      account: 'noor@school.example',
    },
    { kind: 'accepted', at, copies: 3 },
    { kind: 'filed', at, recipient: 'anna@school.example', folder: 'Leerlingen', role: null, uid: 4 },
    { kind: 'filed', at, recipient: 'bram@school.example', folder: 'Spam', role: 'junk', uid: 9 },
    { kind: 'ruled', at, recipient: 'anna@school.example', rule: 'groep 7', folder: 'Leerlingen' },
    { kind: 'queued', at, recipient: 'piet@far.example', domain: 'far.example', nextAt: at, giveUpAt: at + 432_000_000 },
    {
      kind: 'tried',
      at: at + 900,
      recipient: 'piet@far.example',
      attempt: 1,
      host: 'mx1.far.example',
      peer: { ip: '203.0.113.5' },
      tls: { protocol: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', proven: 'dane' },
      tookMs: 210,
      dialogue: ['C: RCPT TO:<piet@far.example>', `S: ${DENY}`],
      route: 'mx',
    },
    { kind: 'bounced', at: at + 1000, recipient: 'piet@far.example', stage: 'rcpt', host: 'mx1.far.example', reply: reply(DENY) },
  ];
}

/** Anything in it that a reader could learn. */
export const everything = (value: unknown): string => JSON.stringify(value);
