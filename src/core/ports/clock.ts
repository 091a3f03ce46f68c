/** Time, so that tests own it: a five-day retry takes a millisecond. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `then` once, after `ms`; the answer cancels it. */
  after(ms: number, then: () => void): () => void;
}
