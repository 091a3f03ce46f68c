/** Everything that is wrong with an object to be made, told at once (RFC 8620 §5.3 invalidProperties). */
import { SetFault } from '../error.ts';

/** A property of the object, and where inside it: `textBody`, `textBody/0/charset`. */
export type Place = Readonly<{ property: string; path: string }>;

/** Names and reasons told of one object. */
const PROPERTIES_LIMIT = 100;
const REASONS_LIMIT = 5;
/** Characters of a path told. */
const PATH_LIMIT = 150;

export const placeOf = (property: string): Place => ({ property, path: property });
export const inside = ({ property, path }: Place, name: string | number): Place => ({ property, path: `${path}/${name}` });

/** Thrown by those who read one value, caught by `attempt`. */
export class Complaint extends Error {}

export class Faults {
  readonly #properties = new Set<string>();
  readonly #reasons: string[] = [];

  note({ property, path }: Place, why: string): void {
    if (this.#properties.size < PROPERTIES_LIMIT) this.#properties.add(property);
    if (this.#reasons.length < REASONS_LIMIT) this.#reasons.push(`${path.slice(0, PATH_LIMIT)}: ${why}`);
  }

  /** Nothing more would be told. */
  get isFull(): boolean {
    return this.#reasons.length >= REASONS_LIMIT;
  }

  /** Undefined where the value was complained of. */
  attempt<Value>(place: Place, read: () => Value): Value | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      this.note(place, error.message);
      return undefined;
    }
  }

  /** Throws the SetFault, if there is anything to tell. */
  settle(): void {
    if (this.#properties.size === 0) return;
    throw new SetFault({ type: 'invalidProperties', properties: [...this.#properties], description: this.#reasons.join('; ') });
  }
}
