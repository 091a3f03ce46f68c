/** One header block, asked by properties (RFC 8621 §4.1.3). */
import type { Buffer } from 'node:buffer';
import { asBuffer } from '../../../lib/as-buffer.ts';
import { type Field, fieldValue, headerFields } from '../../mime/headers.ts';
import { inForm } from './header-form.ts';
import type { HeaderForm, HeaderProperty } from './header-property.ts';

export type EmailHeader = Readonly<{ name: string; value: string }>;

const NULS = /\0/g;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;

export class Headers {
  readonly #block: Buffer;
  readonly #fields: readonly Field[];
  #byName: Map<string, Field[]> | undefined;
  /** SECURITY: one field asked for by a hundred spellings is read once. */
  readonly #read = new Map<string, unknown>();

  /** @param block [headerStart, bodyStart) of a message or a part */
  constructor(block: Uint8Array) {
    this.#block = asBuffer(block);
    this.#fields = headerFields(this.#block);
  }

  /** Null, or an empty list with `all`, where there is no such field. */
  get({ field, form, all }: HeaderProperty): unknown {
    const key = `${field}:${form}:${all}`;
    if (!this.#read.has(key)) this.#read.set(key, this.#find(field, form, all));
    return this.#read.get(key);
  }

  /** In the order of the message, names as written. */
  all(): readonly EmailHeader[] {
    return this.#fields.map((field) => ({
      name: this.#block.toString('latin1', field.nameStart, field.nameEnd),
      value: this.#raw(field),
    }));
  }

  #find(name: string, form: HeaderForm, all: boolean): unknown {
    const found = this.#named(name);
    if (all) return found.map((field) => this.#value(field, form));
    const last = found.at(-1);
    return last === undefined ? null : this.#value(last, form);
  }

  #named(name: string): readonly Field[] {
    if (this.#byName === undefined) {
      this.#byName = new Map();
      for (const field of this.#fields) {
        const same = this.#byName.get(field.name);
        if (same === undefined) this.#byName.set(field.name, [field]);
        else same.push(field);
      }
    }
    return this.#byName.get(name) ?? [];
  }

  #value(field: Field, form: HeaderForm): unknown {
    return form === 'Raw' ? this.#raw(field) : inForm(fieldValue(this.#block, field), form);
  }

  /** §4.1.2.1: as it stands, folding and first space included; octets that are no UTF-8 become U+FFFD. */
  #raw({ valueStart, end }: Field): string {
    let stop = end;
    if (stop > valueStart && this.#block[stop - 1] === LINE_FEED) stop--;
    if (stop < end && stop > valueStart && this.#block[stop - 1] === RETURN) stop--;
    return this.#block.toString('utf8', valueStart, stop).replace(NULS, '');
  }
}
