/** EmailAddress and EmailAddressGroup of an object to be made (RFC 8621 §4.1.2.3, §4.1.2.4), as the addresses a header is written of. */
import { ADDRESS_LIMIT } from '../../mime/limits.ts';
import type { Address } from '../../mime/structure.ts';
import { parseDomain } from '../../net/domain.ts';
import { isObject, type JsonObject, member } from '../json.ts';
import { Complaint } from './creation-faults.ts';
import { lineOf } from './header-line.ts';

const NAME_LIMIT = 1_000;
/** Characters: a longer address no server takes (RFC 5321 §4.5.3.1), and its line must have room for it in UTF-8. */
const EMAIL_LIMIT = 320;
const QUOTED = /^"(?:[^"\\]|\\.)*"$/u;
const ASCII = /^[\x20-\x7e]*$/;
const LITERAL = /^\[[!-Z^-~]+\]$/;

const END_OF_GROUP: Address = { name: null, mailbox: null, host: null };

export function addressesOf(value: unknown): readonly Address[] {
  return listOf(value).map(addressOf);
}

export function groupsOf(value: unknown): readonly Address[] {
  const all = listOf(value).flatMap((group): readonly Address[] => {
    const { name, rest } = named(group, 'addresses');
    const addresses = addressesOf(rest);
    return name === null ? addresses : [{ name: null, mailbox: name, host: null }, ...addresses, END_OF_GROUP];
  });
  return listOf(all) as readonly Address[];
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Complaint('must be a list of addresses');
  if (value.length > ADDRESS_LIMIT) throw new Complaint(`has at most ${ADDRESS_LIMIT} addresses`);
  return value;
}

function named(value: unknown, other: 'email' | 'addresses'): Readonly<{ name: string | null; rest: unknown }> {
  if (!isObject(value) || !hasOnly(value, ['name', other])) throw new Complaint(`must be an object with "name" and "${other}"`);
  const name = member(value, 'name') ?? null;
  return { name: name === null ? null : lineOf(name, NAME_LIMIT), rest: member(value, other) };
}

const hasOnly = (object: JsonObject, names: readonly string[]): boolean => Object.keys(object).every((name) => names.includes(name));

function addressOf(value: unknown): Address {
  const { name, rest } = named(value, 'email');
  return { name, ...split(lineOf(rest, EMAIL_LIMIT).trim()) };
}

/**
 * §4.6 lets a draft hold what is no address yet. It is kept whole, in quotes,
 * and so comes back as it was typed; taking something out of it might make it
 * the address of somebody else.
 */
function split(email: string): Readonly<{ mailbox: string; host: string }> {
  const at = email.lastIndexOf('@');
  const local = email.slice(0, Math.max(0, at));
  const host = email.slice(at + 1);
  if (local === '') return { mailbox: email, host: '' };
  const mailbox = QUOTED.test(local) ? local.slice(1, -1).replace(/\\(.)/gu, '$1') : local;
  if (LITERAL.test(host)) return { mailbox, host };
  const domain = parseDomain(host, { allowUnderscore: true });
  if (!domain.ok) return { mailbox: email, host: '' };
  // Beside a local part in UTF-8 the domain may be so too (RFC 6532); else it is put as every server takes it.
  return { mailbox, host: ASCII.test(host) || !ASCII.test(mailbox) ? host : domain.value };
}
