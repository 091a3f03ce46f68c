/** A small house with JMAP on a real port, for tests: people with passwords, letters for them, a clock of the test's choice. */
import assert from 'node:assert/strict';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { fakeClock, type FakeClock } from '../../../adapter/memory/clock.ts';
import { seededDice } from '../../../adapter/memory/dice.ts';
import { memoryKeyMaker } from '../../../adapter/memory/key-maker.ts';
import { memoryStore } from '../../../adapter/memory/store.ts';
import type { JsonObject } from '../../../codec/jmap/json.ts';
import { IdMaker } from '../../../core/ids.ts';
import type { KeyMaker } from '../../../core/ports/key-maker.ts';
import type { Resolver } from '../../../core/ports/resolver.ts';
import type { Store } from '../../../core/ports/store.ts';
import { isRefusal, type Refusal } from '../../../core/refusal.ts';
import { type LiveAccounts, openAccounts, type Person } from '../../../service/accounts/accounts.ts';
import { openReader } from '../../../service/journey/journey.ts';
import { type MailAccount, type Mailboxes, openMailboxes, SealedObjects } from '../../../service/mailboxes/mailboxes.ts';
import { Identities, ObjectShelf } from '../../../service/submissions/submissions.ts';
import { Pushes } from '../push/pushes.ts';
import { type HttpServer, type Line, serveHttp } from '../server.ts';
import { JmapApi } from './api.ts';
import { openPost, type Post } from './jmap-post.contract.ts';
import type { JmapHost } from './host.ts';

export const NOW = Date.UTC(2026, 10, 23, 12);

export type JmapHouse = Readonly<{
  store: Store;
  keys: KeyMaker;
  clock: FakeClock;
  accounts: LiveAccounts;
  mailboxes: Mailboxes;
  host: JmapHost;
  api: JmapApi;
  post: Post;
  port: number;
  people: readonly Person[];
  /** The header that says who asks. */
  authorization(person: number): string;
  mail(person: number): Promise<MailAccount>;
  troubles: readonly unknown[];
  /** Connections that were cut by us. */
  cuts(): number;
  /** As after a restart: what is known of subscriptions is what is stored. */
  reopenPushes(): void;
  close(): Promise<void>;
}>;

export function ok<Value>(value: Value | Refusal): Value {
  assert.ok(!isRefusal(value), isRefusal(value) ? `refused: ${value.refusal}` : '');
  return value;
}

/** Where pushes may go: addresses by name. */
export type PushGround = Readonly<{
  authorities?: readonly string[];
  addresses?: Readonly<Record<string, readonly string[]>>;
  mayReach?(ip: string): boolean;
}>;

function resolverOf(addresses: PushGround['addresses'] = {}): Resolver {
  const none = { found: 'none', nameExists: false, secure: false } as const;
  const nothing = async (): Promise<typeof none> => none;
  const a: Resolver['a'] = async (host) => {
    const records = addresses[host];
    return records === undefined ? none : { found: 'records', records, secure: false };
  };
  return { a, aaaa: nothing, mx: nothing, txt: nothing, ptr: nothing, tlsa: nothing };
}

export async function openJmapHouse(
  count = 1,
  { authorities = [], addresses, mayReach = () => false }: PushGround = {},
): Promise<JmapHouse> {
  const clock = fakeClock(NOW);
  const dice = seededDice('jmap');
  const ids = new IdMaker(() => clock.now());
  const store = memoryStore();
  const keys = memoryKeyMaker(dice);
  const accounts = await openAccounts({ store: store.directory, keys, clock, dice, ids });
  const { organisation } = ok(await accounts.addOrganisation({ name: 'School', language: 'en' }));
  ok(await accounts.addDomain({ organisation, name: 'school.example' }));
  const passwords = Array.from({ length: count }, () => accounts.makePassword());
  const asked = passwords.map((password, at) => ({ organisation, address: `p${at}@school.example`, name: `P ${at}`, password }));
  const people = ok(await accounts.addPeople(asked));
  const mailboxes = openMailboxes({ store, keyring: keys, clock, ids });
  const troubles: unknown[] = [];
  const makePushes = (): Pushes =>
    new Pushes({
      accounts,
      clock,
      dice,
      ids,
      key: keys.server,
      subject: 'mailto:postmaster@school.example',
      objects: new SealedObjects({ store, keyring: keys }, 'push'),
      route: { resolver: resolverOf(addresses), mayReach, authorities },
      onChange: (listener) => store.onChange(listener),
      onTrouble: (trouble) => troubles.push(trouble),
    });
  let pushes = makePushes();
  const reader = openReader({
    store,
    keyring: keys,
    accounts: { organisationOf: () => organisation, mayUse: () => false },
    now: clock.now,
  });
  const messageLimit = 1_000_000;
  const onTrouble = (trouble: unknown): void => void troubles.push(trouble);
  const post = openPost({ store, keys, clock, dice, ids, accounts, mailboxes, reader, messageLimit, onTrouble });
  const host: JmapHost = {
    accounts,
    mailboxes,
    orders: new SealedObjects({ store, keyring: keys }, 'mailboxOrder'),
    reader,
    sentMail: post.sentMail,
    identities: new Identities(accounts, new ObjectShelf({ store, keyring: keys }, 'identity'), ids),
    clock,
    dice,
    get pushes() {
      return pushes;
    },
    messageLimit,
    allowsPlaintext: false,
    onTrouble: (_, trouble) => troubles.push(trouble),
  };
  const api = new JmapApi(host);
  let cuts = 0;
  const cut = (line: Line): void => {
    cuts++;
    line.cut?.();
  };
  const server = await serveHttp((asking, line) => api.fetch(asking, { ...line, cut: () => cut(line) }), { host: '127.0.0.1', port: 0 });
  return {
    store,
    keys,
    clock,
    accounts,
    mailboxes,
    host,
    api,
    post,
    people,
    troubles,
    port: portOf(server),
    authorization: (person) => `Basic ${Buffer.from(`${people[person]?.address}:${passwords[person]?.made}`).toString('base64')}`,
    mail: (person) => mailboxes.open(people[person]?.account ?? assert.fail('nobody')),
    cuts: () => cuts,
    reopenPushes() {
      pushes.close();
      pushes = makePushes();
    },
    async close() {
      pushes.close();
      api.close();
      await server.close(0);
      await post.close();
      mailboxes.close();
      await accounts.close();
      await store.close();
    },
  };
}

const portOf = ({ address }: HttpServer): number => ('port' in address ? address.port : assert.fail('no port'));

/** Puts a letter into the inbox. */
export async function deliver(mail: MailAccount, subject: string): Promise<void> {
  const bytes = Buffer.from(`From: a@b.example\r\nSubject: ${subject}\r\n\r\nHello\r\n`);
  const staging = ok(mail.stage({ flags: 0, keywords: [], receivedAt: null, size: bytes.length }));
  await staging.write(bytes);
  const inbox = mail.byPath('INBOX') ?? assert.fail('no inbox');
  ok(await mail.appendAll(inbox.mailbox, [ok(await staging.finish())]));
}

/** One api request; gives `methodResponses`. */
export async function call(
  house: JmapHouse,
  methodCalls: readonly (readonly [string, JsonObject, string])[],
  authorization = house.authorization(0),
): Promise<readonly (readonly [string, JsonObject, string])[]> {
  const response = await fetch(`http://127.0.0.1:${house.port}/jmap/api`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ using: ['urn:ietf:params:jmap:core'], methodCalls }),
  });
  assert.equal(response.status, 200);
  return ((await response.json()) as { methodResponses: readonly (readonly [string, JsonObject, string])[] }).methodResponses;
}

export type ServerEvent = Readonly<{ event?: string; id?: string; data?: JsonObject }>;

/** A client of the event source, on a socket of its own. */
export class Listening {
  readonly request: ClientRequest;
  response: IncomingMessage | undefined;
  readonly events: ServerEvent[] = [];
  ended = false;
  #text = '';
  #waiting: (() => void)[] = [];

  constructor(house: JmapHouse, query: string, { person = 0, ...headers }: Readonly<{ person?: number; 'last-event-id'?: string }> = {}) {
    this.request = request({
      host: '127.0.0.1',
      port: house.port,
      path: `/jmap/events?${query}`,
      headers: { authorization: house.authorization(person), ...headers },
      agent: false,
    });
    this.request.on('response', (response) => this.#begin(response)).on('error', () => this.#end());
    this.request.end();
  }

  /** Resolves when it holds; the test's own deadline is the bound. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The beginning: the id of where things stand. */
  async began(): Promise<string> {
    await this.until(() => this.events.length > 0 || this.ended);
    return this.events[0]?.id ?? assert.fail(`no stream: ${this.response?.statusCode}`);
  }

  of(event: string): readonly ServerEvent[] {
    return this.events.filter((one) => one.event === event);
  }

  #begin(response: IncomingMessage): void {
    this.response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#take(text)).on('close', () => this.#end());
    this.#wake();
  }

  #take(text: string): void {
    const blocks = (this.#text + text).split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) this.events.push(parsed(block));
    this.#wake();
  }

  #end(): void {
    this.ended = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function parsed(block: string): ServerEvent {
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
  return { ...fields, ...(fields['data'] === undefined ? {} : { data: JSON.parse(fields['data']) as JsonObject }) };
}
