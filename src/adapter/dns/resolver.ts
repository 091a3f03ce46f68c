/**
 * The Resolver port as a stub resolver: asks the configured recursive servers,
 * keeps what they say as long as they allow, and asks each question once however
 * many wait for it.
 */
import { getServers } from 'node:dns';
import { isUtf8 } from 'node:buffer';
import { type DnsMessage, question, RCODE } from '../../codec/dns/message.ts';
import { canonicalName, isName } from '../../codec/dns/name.ts';
import { dataType, type RecordData, type ResourceRecord, type TypeName } from '../../codec/dns/record.ts';
import { parseIp, reverseName } from '../../codec/net/ip.ts';
import { isLoopback } from '../../codec/net/ip-scope.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Dice } from '../../core/ports/dice.ts';
import type { DnsAnswer, MxRecord, Resolver, TlsaRecord } from '../../core/ports/resolver.ts';
import { TtlCache } from './cache.ts';
import { askOverTcp, type DnsServer, type Exchanged } from './exchange.ts';
import { UdpLines } from './udp.ts';

export type ResolverOptions = Readonly<{
  clock: Clock;
  dice: Dice;
  /** Default: those the system uses. */
  servers?: readonly DnsServer[];
  /**
   * Believe the server's AD bit (RFC 4035 §4.9.3). Default: only when every server is on this machine.
   * SECURITY: over any other path somebody in between could set it.
   */
  trustsAuthenticData?: boolean;
  /** How long one server has for one answer; doubled with each round. */
  timeoutMs?: number;
  /** How often each server is asked before the answer is "failed". */
  rounds?: number;
}>;

const DNS_PORT = 53;
const TIMEOUT_MS = 2_000;
const ROUNDS = 2;
/** Servers used of a long list; glibc uses three. */
const SERVER_LIMIT = 3;
const CACHE_LIMITS = { entries: 20_000, weight: 16_777_216 };
/** What an entry weighs besides its octets: the key, the objects. */
const ENTRY_WEIGHT = 300;
/** A day: a TTL of years would keep a mistake as long (RFC 8767 §4 suggests a week for more patient uses). */
const TTL_LIMIT_S = 86_400;
/** RFC 2308 §5 recommends one to three hours as the most a "no" is kept. */
const NEGATIVE_TTL_LIMIT_S = 3_600;
/** A "no" without SOA (RFC 2308 §5 says not to cache it; a moment spares a loop of asking). */
const NO_SOA_TTL_S = 5;
/** RFC 9520 §3.2: failures are remembered too, briefly, so that a broken zone is not hammered. */
const FAILURE_TTL_S = 5;
/** CNAMEs followed within one answer (the same bound as the zones of codec/dns). */
const ALIAS_LIMIT = 8;
/** Questions under way at once: more in one burst would overflow the socket buffer of the server (212 kB by default). Further ones wait their turn. */
const CONCURRENCY = 100;

export class DnsResolver implements Resolver {
  readonly #options: ResolverOptions;
  readonly #servers: readonly DnsServer[];
  readonly #trustsAd: boolean;
  readonly #cache: TtlCache<DnsAnswer<RecordData>>;
  readonly #underWay = new Map<string, Promise<DnsAnswer<RecordData>>>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #udp = new UdpLines();

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#servers = (options.servers ?? systemServers()).slice(0, SERVER_LIMIT);
    this.#trustsAd = options.trustsAuthenticData ?? this.#servers.every((server) => isLoopback(server.host));
    this.#cache = new TtlCache(options.clock, CACHE_LIMITS);
  }

  mx(domain: string, signal?: AbortSignal): Promise<DnsAnswer<MxRecord>> {
    return this.#lookUp(domain, 'MX', signal, (data) =>
      data.type === 'MX' ? { preference: data.preference, exchange: data.exchange } : undefined,
    );
  }

  a(host: string, signal?: AbortSignal): Promise<DnsAnswer<string>> {
    return this.#lookUp(host, 'A', signal, (data) => (data.type === 'A' ? data.address : undefined));
  }

  aaaa(host: string, signal?: AbortSignal): Promise<DnsAnswer<string>> {
    return this.#lookUp(host, 'AAAA', signal, (data) => (data.type === 'AAAA' ? data.address : undefined));
  }

  txt(name: string, signal?: AbortSignal): Promise<DnsAnswer<string>> {
    return this.#lookUp(name, 'TXT', signal, (data) => (data.type === 'TXT' ? textOf(data.strings) : undefined));
  }

  async ptr(ip: string, signal?: AbortSignal): Promise<DnsAnswer<string>> {
    const address = parseIp(ip);
    if (!address.ok) return NOT_A_NAME;
    return this.#lookUp(reverseName(address.value), 'PTR', signal, (data) => (data.type === 'PTR' ? data.target : undefined));
  }

  tlsa(name: string, signal?: AbortSignal): Promise<DnsAnswer<TlsaRecord>> {
    return this.#lookUp(name, 'TLSA', signal, (data) =>
      data.type === 'TLSA' ? { usage: data.usage, selector: data.selector, matching: data.matching, data: data.association } : undefined,
    );
  }

  /** Forgets all answers, for an owner who has just changed a record. */
  forget(): void {
    this.#cache.clear();
  }

  /** Questions under way still get their answers. */
  close(): void {
    this.#udp.close();
  }

  async #lookUp<T>(
    name: string,
    type: TypeName,
    signal: AbortSignal | undefined,
    pick: (data: RecordData) => T | undefined,
  ): Promise<DnsAnswer<T>> {
    const answer = await abortable(this.#answer(name, type), signal);
    if (answer.found !== 'records') return answer;
    return { ...answer, records: answer.records.map(pick).filter((record) => record !== undefined) };
  }

  #answer(name: string, type: TypeName): Promise<DnsAnswer<RecordData>> {
    const owner = canonicalName(name);
    if (!isName(owner)) return Promise.resolve(NOT_A_NAME);
    const local = localhost(owner, type);
    if (local !== undefined) return Promise.resolve(local);
    const key = `${type} ${owner}`;
    const kept = this.#cache.get(key);
    if (kept !== undefined) return Promise.resolve(kept);
    const asked = this.#underWay.get(key) ?? this.#ask(key, owner, type).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asked);
    return asked;
  }

  async #ask(key: string, name: string, type: TypeName): Promise<DnsAnswer<RecordData>> {
    if (this.#running >= CONCURRENCY) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      const { answer, ttlS, octets } = await this.#askServers(name, type);
      this.#cache.put(key, answer, { ttlMs: ttlS * 1000, weight: octets + ENTRY_WEIGHT });
      return answer;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #askServers(name: string, type: TypeName): Promise<Judged> {
    const { timeoutMs = TIMEOUT_MS, rounds = ROUNDS } = this.#options;
    let why = 'no DNS server is configured';
    for (let round = 0; round < rounds; round++) {
      for (const server of this.#servers) {
        const patienceMs = timeoutMs << round;
        const query = question(this.#newId(), name, type);
        let reply = await this.#exchange(server, query, patienceMs);
        // RFC 6891 §7: a server of old that cannot read EDNS is asked again without.
        if (reply.ok && (reply.answer.rcode === RCODE.FORMERR || reply.answer.rcode === RCODE.NOTIMP)) {
          reply = await this.#exchange(server, { ...query, id: this.#newId(), edns: null }, patienceMs);
        }
        const judged = reply.ok ? judge(reply.answer, name, type, reply.octets) : reply;
        if ('answer' in judged) return this.#trustsAd ? judged : { ...judged, answer: unvouched(judged.answer) };
        why = `${server.host}: ${judged.why}`;
      }
    }
    return { answer: { found: 'failed', why }, ttlS: FAILURE_TTL_S, octets: why.length };
  }

  async #exchange(server: DnsServer, query: DnsMessage, timeoutMs: number): Promise<Exchanged> {
    const patience = { clock: this.#options.clock, timeoutMs };
    const first = await this.#udp.ask(server, query, patience);
    return first.ok && first.answer.truncated ? askOverTcp(server, query, patience) : first;
  }

  #newId(): number {
    const [high = 0, low = 0] = this.#options.dice.bytes(2);
    return (high << 8) | low;
  }
}

type Judged = Readonly<{ answer: DnsAnswer<RecordData>; ttlS: number; octets: number }>;
const NOT_A_NAME: DnsAnswer<never> = { found: 'none', nameExists: false, secure: false };

const unvouched = (answer: DnsAnswer<RecordData>): DnsAnswer<RecordData> =>
  answer.found === 'failed' ? answer : { ...answer, secure: false };

/** An answer in the port's words, or why it is none and another server should be asked. */
function judge(message: DnsMessage, name: string, type: TypeName, octets: number): Judged | { why: string } {
  if (message.rcode !== RCODE.NOERROR && message.rcode !== RCODE.NXDOMAIN) return { why: rcodeName(message.rcode) };
  const secure = message.authenticData;
  const { records, ttlS } = collect(message.answers, name, type);
  if (records.length > 0) return { answer: { found: 'records', records, secure }, ttlS, octets };
  const soa = message.authorities.find(({ data }) => data.type === 'SOA');
  const minimum = soa?.data.type === 'SOA' ? Math.min(soa.ttl, soa.data.minimum) : NO_SOA_TTL_S;
  return {
    answer: { found: 'none', nameExists: message.rcode === RCODE.NOERROR, secure },
    ttlS: Math.min(minimum, ttlS, NEGATIVE_TTL_LIMIT_S),
    octets,
  };
}

/** The records of the name or of what it is an alias for, and how long the whole chain may be kept. */
function collect(answers: readonly ResourceRecord[], name: string, type: TypeName): { records: RecordData[]; ttlS: number } {
  let owner = name;
  let ttlS = TTL_LIMIT_S;
  for (let hops = 0; hops <= ALIAS_LIMIT; hops++) {
    const own = answers.filter((record) => record.name === owner);
    const wanted = own.filter((record) => dataType(record.data) === type);
    for (const { ttl } of wanted) ttlS = Math.min(ttlS, ttl);
    if (wanted.length > 0) return { records: wanted.map(({ data }) => data), ttlS };
    const alias = own.find(({ data }) => data.type === 'CNAME');
    if (alias?.data.type !== 'CNAME') break;
    ttlS = Math.min(ttlS, alias.ttl);
    owner = canonicalName(alias.data.target);
  }
  return { records: [], ttlS };
}

const rcodeName = (rcode: number): string => Object.entries(RCODE).find(([, number]) => number === rcode)?.[0] ?? `RCODE ${rcode}`;

/** RFC 6761 §6.3: localhost is this machine, whatever a server might say. */
function localhost(name: string, type: TypeName): DnsAnswer<RecordData> | undefined {
  if (name !== 'localhost' && !name.endsWith('.localhost')) return undefined;
  if (type !== 'A' && type !== 'AAAA') return { found: 'none', nameExists: true, secure: false };
  return { found: 'records', records: [{ type, address: type === 'A' ? '127.0.0.1' : '::1' }], secure: false };
}

/** The strings of a TXT record are one text without spaces between (RFC 7208 §3.3); UTF-8 where it is (RFC 8616). */
function textOf(strings: readonly string[]): string {
  const bytes = Buffer.from(strings.join(''), 'latin1');
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

/** The asker goes; the question lives on for others who wait and for the cache. */
function abortable(answer: Promise<DnsAnswer<RecordData>>, signal: AbortSignal | undefined): Promise<DnsAnswer<RecordData>> {
  if (signal === undefined) return answer;
  const aborted: DnsAnswer<RecordData> = { found: 'failed', why: 'aborted' };
  if (signal.aborted) return Promise.resolve(aborted);
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(aborted);
    signal.addEventListener('abort', stop, { once: true });
    answer.finally(() => signal.removeEventListener('abort', stop)).then(resolve, reject);
  });
}

/** The servers of the system: "192.0.2.53", "192.0.2.53:5353" or "[2001:db8::53]:5353". */
export function systemServers(texts: readonly string[] = getServers()): DnsServer[] {
  return texts.map((text) => {
    const [, host = text, port] = /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? /^([^:]+):(\d+)$/.exec(text) ?? [];
    return { host, port: port === undefined ? DNS_PORT : Number(port) };
  });
}
