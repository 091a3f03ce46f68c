/** What a client may ask of the event source (RFC 8620 §7.3). */
import { readState, type State } from './standard-changes.ts';
import type { TypeFilter } from './type-states.ts';

/** Seconds. §7.3 wants a minimum of at most 30 and a maximum of at least 300. */
export const PING_LEAST_S = 15;
export const PING_MOST_S = 900;
/** Names in `types`, ours and those of specifications to come. */
export const TYPES_LIMIT = 64;
/** Characters of the whole query string. */
export const QUERY_LIMIT = 4_096;

export type EventAsk = Readonly<{
  types: TypeFilter;
  closesAfterState: boolean;
  /** Seconds between pings, within our bounds; 0: none. */
  pingS: number;
  /** From Last-Event-ID; null where there was none, or none of ours. */
  lastSeen: State | null;
}>;

/** A text says what is wrong with it. */
export function readEventAsk(url: URL, lastEventId: string | null): EventAsk | string {
  if (url.search.length > QUERY_LIMIT) return 'the query is too long';
  const types = once(url, 'types');
  const filter = types === undefined ? undefined : readTypes(types);
  if (filter === undefined) return `"types" is * or up to ${TYPES_LIMIT} names with commas between, and must be given once`;
  const closeAfter = once(url, 'closeafter');
  if (closeAfter !== 'state' && closeAfter !== 'no') return '"closeafter" is state or no, and must be given once';
  const ping = once(url, 'ping');
  if (ping === undefined || !/^\d{1,9}$/.test(ping)) return '"ping" is a number of seconds, and must be given once';
  return {
    types: filter,
    closesAfterState: closeAfter === 'state',
    pingS: withinBounds(Number(ping)),
    lastSeen: lastEventId === null ? null : (readState(lastEventId) ?? null),
  };
}

function once(url: URL, name: string): string | undefined {
  const values = url.searchParams.getAll(name);
  return values.length === 1 ? values[0] : undefined;
}

function readTypes(text: string): TypeFilter | undefined {
  if (text === '*') return null;
  const names = text.split(',');
  return names.length <= TYPES_LIMIT && names.every((name) => /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name)) ? new Set(names) : undefined;
}

const withinBounds = (seconds: number): number => (seconds === 0 ? 0 : Math.min(Math.max(seconds, PING_LEAST_S), PING_MOST_S));
