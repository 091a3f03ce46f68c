/**
 * Answers DNS questions from zones kept as data, as an authoritative server does
 * (RFC 1034 §4.3.2): NXDOMAIN and NODATA with the SOA, CNAME chains, wildcards
 * (RFC 4592), referrals left out. The demo's world and the tests live on it.
 */
import { type DnsMessage, EDNS_UDP_BYTES, type Question, RCODE } from './message.ts';
import { canonicalName } from './name.ts';
import { CLASS_IN, dataType, type RecordData, type RecordType, type ResourceRecord } from './record.ts';

/** Aliases followed for one question: enough for any honest chain (RFC 1034 §3.6.2), few enough for a loop. */
export const ALIAS_LIMIT = 8;
const DEFAULT_TTL_S = 300;
/** SOA timers nobody transfers by; `minimum` is how long a "no" may be kept (RFC 2308 §4). */
const TIMERS = { serial: 1, refresh: 3600, retry: 600, expire: 604_800, minimum: 60 } as const;

type Found = Readonly<{ rcode: number; answers: readonly ResourceRecord[]; authorities: readonly ResourceRecord[] }>;

/** Zones by origin. Records may come and go while questions are answered. */
export class Zones {
  readonly #origins = new Set<string>();
  /** Owner name to records; an empty list is a name that exists only because something stands below it. */
  readonly #owners = new Map<string, ResourceRecord[]>();
  /** When set, AD is set on every answer: tests of what a validating server would say. */
  isAuthentic = false;

  /** Opens a zone; a question for a name in no zone is refused. */
  addZone(origin: string): this {
    const name = canonicalName(origin);
    this.#origins.add(name);
    return this.put(name, { type: 'SOA', primary: `ns.${name}`, mailbox: `hostmaster.${name}`, ...TIMERS }, TIMERS.minimum);
  }

  put(owner: string, data: RecordData, ttl: number = DEFAULT_TTL_S): this {
    const name = canonicalName(owner);
    const origin = this.#originOf(name);
    if (origin === undefined) throw new Error(`${owner} stands in no zone`);
    this.#owners.set(name, [...(this.#owners.get(name) ?? []), { name, class: CLASS_IN, ttl, data }]);
    for (let up = parent(name); up !== undefined && up.length > origin.length; up = parent(up)) {
      if (!this.#owners.has(up)) this.#owners.set(up, []);
    }
    return this;
  }

  /** Takes all records of a type away, or all there are. */
  remove(owner: string, type?: RecordType): this {
    const name = canonicalName(owner);
    const left = (this.#owners.get(name) ?? []).filter((record) => type !== undefined && dataType(record.data) !== type);
    const isParent = [...this.#owners.keys()].some((other) => other.endsWith(`.${name}`));
    if (left.length === 0 && !isParent) this.#owners.delete(name);
    else this.#owners.set(name, left);
    return this;
  }

  /** The answer to a query message, to be sent with the same id. */
  answer(query: DnsMessage): DnsMessage {
    const [asked] = query.questions;
    const found = this.#find(query, asked);
    return {
      ...query,
      isResponse: true,
      authoritative: found.rcode === RCODE.NOERROR || found.rcode === RCODE.NXDOMAIN,
      truncated: false,
      // The stub resolvers that ask us want a resolver's answer, and within these zones they get one.
      recursionAvailable: true,
      authenticData: this.isAuthentic,
      ...found,
      additionals: [],
      edns: query.edns === null ? null : { udpSize: EDNS_UDP_BYTES, dnssecOk: query.edns.dnssecOk, version: 0 },
    };
  }

  #find(query: DnsMessage, asked: Question | undefined): Found {
    const refuse = (rcode: number): Found => ({ rcode, answers: [], authorities: [] });
    if (query.isResponse || asked === undefined) return refuse(RCODE.FORMERR);
    if (query.opcode !== 0) return refuse(RCODE.NOTIMP);
    if ((query.edns?.version ?? 0) > 0) return refuse(RCODE.BADVERS);
    return asked.class === CLASS_IN ? this.#lookUp(canonicalName(asked.name), asked.type) : refuse(RCODE.REFUSED);
  }

  #lookUp(name: string, type: RecordType): Found {
    const answers: ResourceRecord[] = [];
    let owner = name;
    for (let hops = 0; hops <= ALIAS_LIMIT; hops++) {
      const origin = this.#originOf(owner);
      if (origin === undefined) return { rcode: answers.length > 0 ? RCODE.NOERROR : RCODE.REFUSED, answers, authorities: [] };
      const records = this.#recordsAt(owner, origin);
      if (records === undefined) return { rcode: RCODE.NXDOMAIN, answers, authorities: this.#soa(origin) };
      const wanted = records.filter((record) => type === 'ANY' || dataType(record.data) === type);
      answers.push(...wanted);
      if (wanted.length > 0) return { rcode: RCODE.NOERROR, answers, authorities: [] };
      const alias = records.find((record) => record.data.type === 'CNAME');
      if (alias === undefined || alias.data.type !== 'CNAME') return { rcode: RCODE.NOERROR, answers, authorities: this.#soa(origin) };
      answers.push(alias);
      owner = canonicalName(alias.data.target);
    }
    return { rcode: RCODE.SERVFAIL, answers: [], authorities: [] };
  }

  /** The records of a name, or those of the wildcard that stands for it; undefined when it does not exist. */
  #recordsAt(name: string, origin: string): readonly ResourceRecord[] | undefined {
    const own = this.#owners.get(name);
    if (own !== undefined) return own;
    for (let up = parent(name); up !== undefined && up.length >= origin.length; up = parent(up)) {
      const wild = this.#owners.get(up === '' ? '*' : `*.${up}`);
      if (wild !== undefined) return wild.map((record) => ({ ...record, name }));
      // RFC 4592 §3.3.1: only the wildcard right below the closest name that exists counts.
      if (this.#owners.has(up)) return undefined;
    }
    return undefined;
  }

  #soa(origin: string): ResourceRecord[] {
    return (this.#owners.get(origin) ?? []).filter((record) => record.data.type === 'SOA');
  }

  #originOf(name: string): string | undefined {
    for (let up: string | undefined = name; up !== undefined; up = parent(up)) if (this.#origins.has(up)) return up;
    return undefined;
  }
}

/** The name one label up; the root is ''. Escaped dots do not divide, but no zone of ours has them. */
function parent(name: string): string | undefined {
  if (name === '') return undefined;
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}
