/**
 * Which row of some columns holds a number: an open hash with linear probing,
 * 4 octets a slot, where a Map of 53-bit numbers takes 60 an entry. The
 * numbers are our own ids and keyed hashes: nobody outside can make them
 * collide.
 */
const FIRST_SLOTS = 128;
/** Slots per row at least: with half of them empty, a look-up takes two or three steps. */
const SLOTS_PER_ROW = 2;
const TWO_TO_32 = 4_294_967_296;

export class RowHash {
  readonly #keyOf: (row: number) => number;
  /** Row + 1; 0 where there is none. The length is a power of two. */
  #slots = new Int32Array(FIRST_SLOTS);
  #count = 0;

  /** `keyOf` must answer for every row that is in here. */
  constructor(keyOf: (row: number) => number) {
    this.#keyOf = keyOf;
  }

  /** −1 when there is none. */
  find(key: number): number {
    return (this.#slots[this.#slotFor(key)] ?? 0) - 1;
  }

  /** Puts the row of a key, in place of another one if there is. */
  set(key: number, row: number): void {
    let slot = this.#slotFor(key);
    if (this.#slots[slot] === 0) {
      this.#count++;
      if (this.#count * SLOTS_PER_ROW > this.#slots.length) {
        this.#grow();
        slot = this.#slotFor(key);
      }
    }
    this.#slots[slot] = row + 1;
  }

  /** To be called while the rows that are in here still tell their keys. */
  delete(key: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#slotFor(key);
    if (slots[hole] === 0) return;
    this.#count--;
    // What was pushed on by the one that goes moves back, so that no look-up stops short of it.
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const held = slots[at] ?? 0;
      if (held === 0) break;
      const home = this.#home(this.#keyOf(held - 1));
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = held;
      hole = at;
    }
    slots[hole] = 0;
  }

  #home(key: number): number {
    let mixed = Math.imul((key >>> 0) ^ Math.imul(Math.floor(key / TWO_TO_32), 0x9e3779b1), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 13)) & (this.#slots.length - 1);
  }

  /** Where the key is, or would be put. */
  #slotFor(key: number): number {
    const mask = this.#slots.length - 1;
    let slot = this.#home(key);
    for (let held = this.#slots[slot] ?? 0; held !== 0; held = this.#slots[slot] ?? 0) {
      if (this.#keyOf(held - 1) === key) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    for (const held of old) if (held !== 0) this.#slots[this.#slotFor(this.#keyOf(held - 1))] = held;
  }
}
