/**
 * Signing in, by password or SCRAM, for every protocol alike. A name that does
 * not exist takes the same road as one that does: the same look-ups, the same
 * argon2id, the same count against the guesser.
 */
import { addressKey, splitAddress } from '../../core/address.ts';
import type { AccountId } from '../../core/ids.ts';
import type { Keyring } from '../../core/ports/keyring.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Gate } from '../../lib/gate.ts';
import type { Admission, Attempt, Person, Scope, ScramOffer, SignIn } from './accounts.ts';
import { hashAppPassword, readAppPassword } from './app-passwords.ts';
import { type Directory, ownAddress } from './directory.ts';
import type { Habits } from './habits.ts';
import type { Hold, Holds } from './holds.ts';
import type { LoginCache } from './login-cache.ts';
import { fitsMade, isMadeHash } from './made-passwords.ts';
import { type PasswordHasher, SCRAM_ITERATIONS } from './password-hasher.ts';
import { PASSWORD_LIMIT, prepared } from './password-rules.ts';
import type { AppPasswordRecord, PersonRecord, ScramKeys } from './records.ts';
import { canonical } from './resolve.ts';
import { scramSalt } from './scram-salt.ts';
import type { Guess, Throttle } from './throttle.ts';

export type SignInParts = Readonly<{
  directory: Directory;
  keys: Keyring;
  hasher: PasswordHasher;
  gate: Gate;
  cache: LoginCache;
  throttle: Throttle;
  habits: Habits;
  holds: Holds;
}>;

/** Whom a login name means: `who` is its canonical form, there or not; `memo` what the cache knows it by. */
type Login = Readonly<{ who: string; memo: string; person: PersonRecord | undefined }>;
/** What fitted: the main password, or one made for an app. */
type Credential = 'password' | AppPasswordRecord;
type Verdict = Credential | 'wrong' | 'wrongAgain' | 'blocked' | 'busy';

/** A login name longer than any address is nobody's. */
const LOGIN_LIMIT = 320;

export function personOf(record: PersonRecord): Person {
  const { id, organisation, address, name, language, state, quota, admin, createdAt } = record;
  return { account: id, organisation, address, name, language, state, quota, admin, createdAt };
}

export class PasswordSignIn implements SignIn {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  async withPassword(login: string, password: string, attempt: Attempt): Promise<Admission | Refusal> {
    const named = this.#login(login);
    const guess = this.#guess(named, attempt);
    if (this.#parts.throttle.isBlocked(guess)) return refuse('tooManyGuesses');
    const verdict = await this.#check(named, password, guess);
    switch (verdict) {
      case 'blocked':
        return refuse('tooManyGuesses');
      case 'busy':
        return refuse('trouble', { why: 'signInBusy' });
      case 'wrongAgain':
        // Not counted: a phone with the old password asks every minute; it learns nothing by that, and neither would a guesser.
        return refuse('wrongPassword');
      case 'wrong':
        return refuse('wrongPassword');
      default:
        return this.#admit(named.person, verdict, attempt);
    }
  }

  scram(login: string, attempt: Attempt): ScramOffer | Refusal {
    const named = this.#login(login);
    const guess = this.#guess(named, attempt);
    if (this.#parts.throttle.isBlocked(guess)) return refuse('tooManyGuesses');
    const { person } = named;
    const all: Credential[] = person === undefined ? [] : ['password', ...this.#parts.directory.appPasswords(person.id)];
    const keysOf = (credential: Credential): ScramKeys | undefined => (credential === 'password' ? person?.scram : credential.scram);
    // SECURITY: what has no keys is left out of both lists alike, or an index would mean another, mightier password.
    const offered = all.flatMap((credential) => {
      const keys = keysOf(credential);
      return keys === undefined ? [] : [{ credential, bytes: scramBytes(keys) }];
    });
    let isFinished = false;
    return {
      salt: scramSalt(this.#parts.keys, named.who),
      iterations: SCRAM_ITERATIONS,
      credentials: offered.map(({ bytes }) => bytes),
      finish: (index) => {
        if (isFinished) throw new Error('a SCRAM exchange was finished twice');
        isFinished = true;
        return this.#finish(named, index === undefined ? undefined : offered[index]?.credential, { guess, attempt });
      },
    };
  }

  #finish(
    named: Login,
    fitted: Credential | undefined,
    { guess, attempt }: Readonly<{ guess: Guess; attempt: Attempt }>,
  ): Admission | Refusal {
    // Asked again: a hundred exchanges may have been begun before the first was finished.
    if (this.#parts.throttle.isBlocked(guess)) return refuse('tooManyGuesses');
    if (fitted !== undefined && this.#stillHolds(named.person, fitted)) return this.#admit(named.person, fitted, attempt);
    this.#parts.throttle.failed(guess);
    return refuse('wrongPassword');
  }

  #guess({ who, person }: Login, { ip }: Attempt): Guess {
    return { who, ip, known: person !== undefined && this.#parts.habits.knows(person.id, ip) };
  }

  /** Full address, or a local part that one person alone has. */
  #login(login: string): Login {
    const text = login.length > LOGIN_LIMIT ? '' : login.trim();
    if (!text.includes('@')) return this.#bareLogin(text);
    const split = splitAddress(text);
    const address = split === undefined ? undefined : canonical(split);
    if (address === undefined) return { who: text, memo: text, person: undefined };
    const holder = this.#parts.directory.holder(address);
    const who = addressKey(address);
    return { who, memo: who, person: holder?.kind === 'person' ? holder : undefined };
  }

  /**
   * SECURITY: with nobody or several of that name, always the same domain is
   * taken, so that the salt betrays nothing, and nobody is let in. What is
   * remembered is kept apart from the real bearer of the name.
   */
  #bareLogin(local: string): Login {
    const { directory, keys } = this.#parts;
    const people = directory.byLocal(local);
    const only = people.length === 1 ? people[0] : undefined;
    if (only !== undefined) {
      const who = addressKey(ownAddress(only.address));
      return { who, memo: who, person: only };
    }
    const name = local.normalize('NFC').toLowerCase();
    const domains = [...directory.domains.values()];
    const pick = Buffer.from(keys.server.hash(name, 'likely-domain')).readUInt32BE() % Math.max(1, domains.length);
    return { who: `${name}@${domains[pick]?.name ?? 'nowhere.invalid'}`, memo: `bare ${name}`, person: undefined };
  }

  async #check(named: Login, password: string, guess: Guess): Promise<Verdict> {
    const { cache, gate, throttle } = this.#parts;
    const appPassword = this.#appPassword(named.person, password);
    if (appPassword !== undefined) return appPassword;
    const remembered = cache.verdict(named.memo, password);
    if (remembered !== undefined) return remembered ? 'password' : 'wrongAgain';
    const verdict = await gate.through(async (): Promise<Verdict> => {
      // Asked again: a thousand guesses may have come at once and stood in line.
      if (throttle.isBlocked(guess)) return 'blocked';
      const verified = await this.#verify(named, password);
      // Counted before the next in line is let through.
      if (verified === 'wrong') throttle.failed(guess);
      return verified;
    });
    return verdict ?? 'busy';
  }

  #appPassword(person: PersonRecord | undefined, password: string): AppPasswordRecord | undefined {
    const letters = readAppPassword(password);
    const key = person === undefined ? undefined : this.#parts.keys.of(person.id);
    if (person === undefined || key === undefined || letters === undefined) return undefined;
    const hash = hashAppPassword(key, letters);
    return this.#parts.directory.appPasswords(person.id).find((record) => record.hash === hash);
  }

  async #verify({ memo, person }: Login, password: string): Promise<Verdict> {
    const { cache } = this.#parts;
    const isRight = await this.#fits(person, password);
    // The password may have been changed while the old one was being verified: then nothing of it may be remembered.
    if (person !== undefined && !this.#stillHolds(person, 'password')) return 'wrong';
    cache.keep(memo, password, isRight);
    return isRight ? 'password' : 'wrong';
  }

  async #fits(person: PersonRecord | undefined, password: string): Promise<boolean> {
    const { hasher, keys } = this.#parts;
    const text = Buffer.byteLength(password) <= PASSWORD_LIMIT ? prepared(password) : undefined;
    if (person !== undefined && text !== undefined) {
      if (!isMadeHash(person.argon2)) return hasher.verify(person.argon2, text);
      const who = addressKey(ownAddress(person.address));
      if (fitsMade(keys, who, { hashed: person.argon2, typed: text })) return true;
    }
    // SECURITY: as dear as a wrong guess at anybody's chosen password.
    await hasher.verify(hasher.decoy, '');
    return false;
  }

  #stillHolds(person: PersonRecord | undefined, credential: Credential): boolean {
    if (person === undefined) return false;
    const { directory } = this.#parts;
    if (credential === 'password') return directory.people.get(person.id)?.argon2 === person.argon2;
    return directory.appPasswords(person.id).some(({ id }) => id === credential.id);
  }

  /** The password is right; what remains is whether it may be used here. */
  #admit(known: PersonRecord | undefined, credential: Credential, attempt: Attempt): Admission | Refusal {
    const person = known === undefined ? undefined : this.#parts.directory.people.get(known.id);
    // Asked again: a moment has passed since it was found right.
    if (person === undefined || !this.#stillHolds(known, credential)) return refuse('wrongPassword');
    if (person.state === 'closed') return refuse('accountClosed');
    if (credential !== 'password' && !credential.scopes.includes(attempt.protocol)) return refuse('notForThisProtocol');
    const account: AccountId = person.id;
    this.#parts.throttle.succeeded({ who: addressKey(ownAddress(person.address)), ip: attempt.ip, known: true });
    this.#parts.habits.learn(account, attempt.ip, credential === 'password' ? undefined : credential.id);
    const used =
      credential === 'password' ? { kind: credential } : { kind: 'appPassword' as const, id: credential.id, senders: credential.senders };
    return { person: personOf(person), credential: used, hold: this.#hold(person, credential, attempt.protocol) };
  }

  #hold(person: PersonRecord, credential: Credential, protocol: Scope): Hold {
    return this.#parts.holds.of(person.id, () => {
      const now = this.#parts.directory.people.get(person.id);
      if (now === undefined || now.state === 'closed') return refuse('accountClosedNow');
      if (!this.#stillHolds(person, credential)) return refuse('passwordWithdrawn');
      // Who signs in while sending is paused learns that at MAIL; who is in the midst of it stops here.
      return protocol === 'smtp' && person.state === 'open' && now.state !== 'open' ? refuse('sendingPausedNow') : undefined;
    });
  }
}

function scramBytes({ stored, server }: ScramKeys): Readonly<{ storedKey: Uint8Array; serverKey: Uint8Array }> {
  return { storedKey: Buffer.from(stored, 'hex'), serverKey: Buffer.from(server, 'hex') };
}
