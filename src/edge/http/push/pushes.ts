/**
 * Every push subscription of the house (RFC 8620 §7.2). An account's are read
 * at its first change, or when somebody asks for them; nobody's mail is opened
 * for it. What is sent is encrypted where the client gave keys (RFC 8291), and
 * signed as ours (RFC 8292).
 */
import { createECDH } from 'node:crypto';
import { type VapidKey, vapidHeader, vapidKeyOf } from '../../../codec/push/vapid.ts';
import { CURVE, encryptPush } from '../../../codec/push/web-push.ts';
import { idOf } from '../../../codec/jmap/ids.ts';
import type { Change } from '../../../core/change.ts';
import { Fault } from '../../../core/fault.ts';
import type { AccountId, IdMaker } from '../../../core/ids.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Dice } from '../../../core/ports/dice.ts';
import type { OwnerKey } from '../../../core/ports/keyring.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { Accounts } from '../../../service/accounts/accounts.ts';
import type { SealedObjects } from '../../../service/mailboxes/mailboxes.ts';
import { stateChange, type TypeName, typesOf, wantedOf } from '../jmap/type-states.ts';
import { isStillGood, type PushCredential } from './credential.ts';
import { PushLane } from './push-lane.ts';
import { keysOf, type PushRecord, readPushRecord } from './push-record.ts';
import { type PushOutcome, type PushRoute, postPush } from './push-request.ts';

/** Devices of one person. */
export const PUSHES_PER_ACCOUNT = 20;
/** SECURITY: each new subscription sends a stranger one message; nobody may make us send many. */
export const NEW_PER_HOUR = 30;
/** POSTs under way, all accounts together; more wait for their next try. */
export const POSTS_AT_ONCE = 512;
const HOUR_MS = 3_600_000;
/** Seconds a push service keeps a message for a device that is away: it may hear of a new one by then. */
const TTL_S = 86_400;
/** Within the 24 hours of RFC 8292 §2. */
const TOKEN_S = 12 * 3_600;
const CODE_BYTES = 16;

export type PushParts = Readonly<{
  accounts: Accounts;
  objects: SealedObjects;
  clock: Clock;
  dice: Dice;
  ids: IdMaker;
  /** The server's own key: the key that signs comes of it. */
  key: OwnerKey;
  /** Whom a push service may write to about us (RFC 8292 §2.1). */
  subject: string;
  route: PushRoute;
  onChange(listener: (changes: readonly Change[]) => void): () => void;
  onTrouble(error: unknown): void;
}>;

export type Push = { readonly id: number; record: PushRecord; readonly lane: PushLane };
/** One account's subscriptions, and what changed while they were read. */
type Ours = { loaded: Promise<void> | undefined; pushes: Map<number, Push>; readonly early: Set<TypeName>; hour: number; made: number };

export class Pushes {
  readonly vapid: VapidKey;
  readonly #parts: PushParts;
  readonly #accounts = new Map<AccountId, Ours>();
  readonly #ending = new AbortController();
  readonly #stop: () => void;
  #underWay = 0;

  constructor(parts: PushParts) {
    this.#parts = parts;
    this.vapid = vapidOf(parts.key);
    this.#stop = parts.onChange((changes) => this.#hear(changes));
  }

  /** Whether we would connect to this address. */
  mayReach(ip: string): boolean {
    return this.#parts.route.mayReach(ip);
  }

  /** Those that this credential made, and that still hold. */
  async list(account: AccountId, credential: PushCredential): Promise<readonly Push[]> {
    const { pushes } = await this.#ours(account);
    for (const push of pushes.values()) if (!this.#holds(account, push)) await this.remove(account, push);
    return [...pushes.values()].filter(({ record }) => record.credential === credential);
  }

  /** The code is sent at once. */
  async create(account: AccountId, wish: Omit<PushRecord, 'code' | 'verified'>): Promise<Push | Refusal | 'tooMany' | 'tooOften'> {
    const ours = await this.#ours(account);
    if (ours.pushes.size >= PUSHES_PER_ACCOUNT) return 'tooMany';
    const hour = Math.floor(this.#parts.clock.now() / HOUR_MS);
    if (ours.hour !== hour) Object.assign(ours, { hour, made: 0 });
    if (++ours.made > NEW_PER_HOUR) return 'tooOften';
    const code = Buffer.from(this.#parts.dice.bytes(CODE_BYTES)).toString('hex');
    const push = this.#add(ours, account, { id: this.#parts.ids.next<number>(), record: { ...wish, code, verified: false } });
    const refused = await this.#put(account, push);
    if (refused !== undefined) {
      this.#drop(ours, push);
      return refused;
    }
    push.lane.sendCode();
    return push;
  }

  async change(account: AccountId, push: Push, record: PushRecord): Promise<Refusal | undefined> {
    const before = push.record;
    push.record = record;
    const refused = await this.#put(account, push);
    if (refused !== undefined) push.record = before;
    return refused;
  }

  async remove(account: AccountId, push: Push): Promise<Refusal | undefined> {
    this.#drop(await this.#ours(account), push);
    return this.#parts.objects.put(account, push.id, null);
  }

  /** Sends nothing more; what is under way is cut. */
  close(): void {
    this.#stop();
    this.#ending.abort();
    for (const { pushes } of this.#accounts.values()) for (const { lane } of pushes.values()) lane.close();
    this.#accounts.clear();
  }

  #hear(changes: readonly Change[]): void {
    for (const change of changes) {
      const types = typesOf(change);
      if (types.length === 0 || change.kind === 'journey') continue;
      const ours = this.#accounts.get(change.account) ?? this.#begin(change.account);
      if (ours.loaded === undefined) this.#spread(ours, types);
      else for (const type of types) ours.early.add(type);
    }
  }

  #spread({ pushes }: Ours, types: Iterable<TypeName>): void {
    for (const { record, lane } of pushes.values()) if (record.verified) lane.tell(wantedOf(types, filterOf(record)));
  }

  async #ours(account: AccountId): Promise<Ours> {
    const ours = this.#accounts.get(account) ?? this.#begin(account);
    await ours.loaded;
    return ours;
  }

  #begin(account: AccountId): Ours {
    const ours: Ours = { loaded: undefined, pushes: new Map(), early: new Set(), hour: 0, made: 0 };
    this.#accounts.set(account, ours);
    ours.loaded = this.#load(account, ours);
    ours.loaded.catch((error: unknown) => {
      // Not kept: the next change, or whoever asks next, tries again.
      this.#accounts.delete(account);
      if (!(error instanceof Fault)) this.#parts.onTrouble(error);
    });
    return ours;
  }

  async #load(account: AccountId, ours: Ours): Promise<void> {
    for (const { id, text } of await this.#parts.objects.all(account)) {
      const record = readPushRecord(text);
      if (record !== undefined && ours.pushes.size < PUSHES_PER_ACCOUNT) this.#add(ours, account, { id, record });
    }
    ours.loaded = undefined;
    this.#spread(ours, ours.early);
    ours.early.clear();
  }

  #add(ours: Ours, account: AccountId, { id, record }: Readonly<{ id: number; record: PushRecord }>): Push {
    const lane = new PushLane({
      clock: this.#parts.clock,
      post: (types) => this.#post(account, push, types),
      onRefused: () => this.#removeQuietly(account, push),
    });
    const push: Push = { id, record, lane };
    ours.pushes.set(id, push);
    return push;
  }

  #drop({ pushes }: Ours, push: Push): void {
    push.lane.close();
    pushes.delete(push.id);
  }

  #removeQuietly(account: AccountId, push: Push): void {
    this.remove(account, push).catch((error: unknown) => this.#parts.onTrouble(error));
  }

  #put(account: AccountId, { id, record }: Push): Promise<Refusal | undefined> {
    return this.#parts.objects.put(account, id, JSON.stringify(record));
  }

  #holds(account: AccountId, { record }: Push): boolean {
    return record.expires > this.#parts.clock.now() && isStillGood(this.#parts.accounts, account, record.credential);
  }

  /** Undefined: there was nothing to send. */
  async #post(account: AccountId, push: Push, types: ReadonlySet<string> | null): Promise<PushOutcome | undefined> {
    if (!this.#holds(account, push)) {
      this.#removeQuietly(account, push);
      return undefined;
    }
    if (this.#underWay >= POSTS_AT_ONCE) return { did: 'failed', slower: false, afterMs: 0 };
    this.#underWay++;
    try {
      const message = await this.#message(account, push, types);
      if (message === undefined) return undefined;
      return await postPush(new URL(push.record.url), this.#sealed(push.record, message), {
        route: this.#parts.route,
        signal: this.#ending.signal,
      });
    } catch (error) {
      if (!(error instanceof Fault)) this.#parts.onTrouble(error);
      return { did: 'failed', slower: false, afterMs: 0 };
    } finally {
      this.#underWay--;
    }
  }

  async #message(account: AccountId, { id, record }: Push, types: ReadonlySet<string> | null): Promise<string | undefined> {
    if (types === null)
      return JSON.stringify({ '@type': 'PushVerification', pushSubscriptionId: idOf('push', id), verificationCode: record.code });
    // They may have been narrowed since.
    const wanted = wantedOf(types as ReadonlySet<TypeName>, filterOf(record));
    if (!record.verified || wanted.length === 0) return undefined;
    return JSON.stringify(stateChange(account, wanted, await this.#parts.objects.state(account)));
  }

  #sealed(record: PushRecord, message: string): Readonly<{ headers: Record<string, string>; body: Buffer }> {
    const { clock, dice, subject } = this.#parts;
    const expiresAt = Math.floor(clock.now() / 1_000) + TOKEN_S;
    const authorization = vapidHeader(this.vapid, { origin: new URL(record.url).origin, expiresAt, subject });
    const headers = { 'content-type': 'application/json', ttl: String(TTL_S), urgency: 'normal', authorization };
    const keys = keysOf(record);
    const body = Buffer.from(message);
    if (keys === undefined) return { headers, body };
    const pair = createECDH(CURVE);
    pair.generateKeys();
    const encrypted = encryptPush(body, keys, { privateKey: pair.getPrivateKey(), salt: dice.bytes(16) });
    return { headers: { ...headers, 'content-encoding': 'aes128gcm' }, body: encrypted };
  }
}

const filterOf = ({ types }: PushRecord): ReadonlySet<string> | null => (types === null ? null : new Set(types));

/** Tries: each fails once in 2^32. */
const KEY_TRIES = 8;

/** Comes of the server's key, so that there is nothing to make, keep or lose, and browsers know us after every restart. */
function vapidOf(key: OwnerKey): VapidKey {
  for (let attempt = 0; attempt < KEY_TRIES; attempt++) {
    const halves = [0, 1].map((half) => key.hash(`${attempt}/${half}`, 'vapid-key'));
    const made = vapidKeyOf(Buffer.concat(halves));
    if (made !== undefined) return made;
  }
  throw new Error('no VAPID key came of the server key');
}
