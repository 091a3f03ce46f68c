/** SECURITY: the one door by which a client's text comes into a header. */
import { isText } from '../json.ts';
import { Complaint } from './creation-faults.ts';

/** UTF-16 units of one value: more than any program shows. */
export const VALUE_LIMIT = 64 * 1024;
const BREAKS = /[\r\n\0]/;

/** A string that can stand in a header: what holds a line end or a NUL is complained of, since it would end the field. */
export function lineOf(value: unknown, limit: number = VALUE_LIMIT): string {
  if (!isText(value)) throw new Complaint('must be a string');
  if (value.length > limit) throw new Complaint(`has at most ${limit} characters`);
  if (BREAKS.test(value)) throw new Complaint('holds a line end or NUL');
  return value.toWellFormed();
}
