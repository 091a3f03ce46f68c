/** The DNS as the services see it: three outcomes, told apart strictly. */

/** `none`: the name or the type does not exist, which is an answer. `failed`: nobody could say; ask again later. */
export type DnsAnswer<T> =
  | Readonly<{ found: 'records'; records: readonly T[] /** The resolver vouches for DNSSEC. */; secure: boolean }>
  | Readonly<{ found: 'none'; nameExists: boolean; secure: boolean }>
  | Readonly<{ found: 'failed'; why: string }>;

export type MxRecord = Readonly<{ preference: number; exchange: string }>;
export type TlsaRecord = Readonly<{ usage: number; selector: number; matching: number; data: Uint8Array }>;

export interface Resolver {
  mx(domain: string, signal?: AbortSignal): Promise<DnsAnswer<MxRecord>>;
  a(host: string, signal?: AbortSignal): Promise<DnsAnswer<string>>;
  aaaa(host: string, signal?: AbortSignal): Promise<DnsAnswer<string>>;
  txt(name: string, signal?: AbortSignal): Promise<DnsAnswer<string>>;
  ptr(ip: string, signal?: AbortSignal): Promise<DnsAnswer<string>>;
  tlsa(name: string, signal?: AbortSignal): Promise<DnsAnswer<TlsaRecord>>;
}
