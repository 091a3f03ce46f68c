/** What a server offers in its answer to EHLO (RFC 5321 §4.1.1.1): the extensions we use and nothing else. */
import type { Reply } from './reply.ts';

export type Offers = Readonly<{
  pipelining: boolean;
  /** RFC 1870: the largest message; 0 says there is no fixed limit, null that sizes may not be told. */
  size: number | null;
  eightBitMime: boolean;
  smtpUtf8: boolean;
  dsn: boolean;
  startTls: boolean;
  chunking: boolean;
  binaryMime: boolean;
  requireTls: boolean;
  /** SASL mechanisms, upper case. */
  auth: ReadonlySet<string>;
}>;

/** Words on one line: "AUTH" with every mechanism there is has some twenty. */
const WORD_LIMIT = 40;

export function readOffers(reply: Reply): Offers {
  const words = new Map<string, string[]>();
  for (const line of reply.lines.slice(1)) {
    // QUIRK: "AUTH=LOGIN PLAIN" is how servers before RFC 2554 wrote it, and some still write both.
    const [keyword = '', ...rest] = line.slice(4).toUpperCase().replace('AUTH=', 'AUTH ').trim().split(/\s/, WORD_LIMIT);
    words.set(keyword, [...(words.get(keyword) ?? []), ...rest]);
  }
  const size = words.get('SIZE');
  return {
    pipelining: words.has('PIPELINING'),
    size: size === undefined ? null : sizeOf(size[0]),
    eightBitMime: words.has('8BITMIME'),
    smtpUtf8: words.has('SMTPUTF8'),
    dsn: words.has('DSN'),
    startTls: words.has('STARTTLS'),
    chunking: words.has('CHUNKING'),
    binaryMime: words.has('BINARYMIME') && words.has('CHUNKING'),
    requireTls: words.has('REQUIRETLS'),
    auth: new Set(words.get('AUTH') ?? []),
  };
}

/** RFC 1870 §4: up to twenty digits; nonsense counts as no limit, the server will say no itself. */
const sizeOf = (text: string | undefined): number => (text !== undefined && /^\d{1,20}$/.test(text) ? Number(text) : 0);

/** What a server offers that knows only HELO. */
export const NO_OFFERS: Offers = readOffers({ code: 250, enhanced: null, lines: [] });
