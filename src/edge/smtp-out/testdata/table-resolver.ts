/** The Resolver port from a table: `MX example.test` → ["10 mail.example.test"], "fails", "nothing" (no such name). A name not there exists without that type. */
import type { DnsAnswer, Resolver } from '../../../core/ports/resolver.ts';

export type DnsTable = Readonly<Record<string, readonly string[] | 'fails' | 'nothing'>>;

export function tableResolver(table: DnsTable): Resolver {
  const answer = <T>(type: string, name: string, read: (text: string) => T): Promise<DnsAnswer<T>> => {
    const row = table[`${type} ${name}`];
    if (row === 'fails') return Promise.resolve({ found: 'failed', why: 'SERVFAIL' });
    if (row === undefined || row === 'nothing') return Promise.resolve({ found: 'none', nameExists: row === undefined, secure: false });
    return Promise.resolve({ found: 'records', records: row.map(read), secure: false });
  };
  const text = (value: string): string => value;
  return {
    mx: (name) =>
      answer('MX', name, (value) => {
        const [preference = '0', exchange = ''] = value.split(' ');
        return { preference: Number(preference), exchange };
      }),
    a: (name) => answer('A', name, text),
    aaaa: (name) => answer('AAAA', name, text),
    txt: (name) => answer('TXT', name, text),
    ptr: (name) => answer('PTR', name, text),
    tlsa: (name) => answer('TLSA', name, (value) => ({ usage: 3, selector: 1, matching: 1, data: Buffer.from(value, 'hex') })),
  };
}
