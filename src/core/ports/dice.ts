/** Randomness, so that tests own it. */
export interface Dice {
  /** `count` bytes nobody can foretell. The array is the caller's own. */
  bytes(count: number): Uint8Array;
}
