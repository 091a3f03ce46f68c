/** What one client may ask at once: told in the session (RFC 8620 §2) and enforced to the letter. */
export const LIMITS = {
  /** Octets of an upload; the server's message limit if that is less. */
  maxSizeUpload: 50_000_000,
  maxConcurrentUpload: 4,
  /** Octets of a request. */
  maxSizeRequest: 10_000_000,
  maxConcurrentRequests: 8,
  maxCallsInRequest: 32,
  maxObjectsInGet: 500,
  maxObjectsInSet: 500,
} as const;
export type LimitName = keyof typeof LIMITS;

/**
 * Seconds that a message may wait for its time (RFC 4865): with the five days it is tried for
 * afterwards it stays within the 30 days for which journeys tell of it.
 */
export const MAX_DELAYED_SEND_S = 21 * 86_400;
/** Ids that one /query gives at once, whatever was asked. */
export const QUERY_WINDOW_LIMIT = 5_000;
/** Operators within one another in a filter, and conditions in all of it. */
export const FILTER_DEPTH_LIMIT = 16;
export const FILTER_SIZE_LIMIT = 256;
export const SORT_LIMIT = 16;
/** Ids that one /changes gives at once, whatever was asked. */
export const CHANGES_LIMIT = 5_000;
/** Properties asked of an Email, and of each of its parts, header fields counted. */
export const EMAIL_PROPERTIES_LIMIT = 500;
export const BODY_PROPERTIES_LIMIT = 100;
/** Octets of one body value, and of all that one call answers; what is longer is truncated and says so. The blob has all of it. */
export const BODY_VALUE_LIMIT = 4 * 1024 * 1024;
export const BODY_VALUES_LIMIT = 32 * 1024 * 1024;
/** Octets of a text that are looked at for a snippet. */
export const SNIPPET_TEXT = 65_536;
/** Octets of a blob that Email/parse looks at: larger ones are no messages we would take. */
export const PARSED_BYTES = 52_428_800;
/** Parts without readable text that are opened in search of a preview. */
export const PREVIEW_PARTS_LIMIT = 8;
