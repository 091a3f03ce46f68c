/** PushSubscription/get and /set (RFC 8620 §7.2.1, §7.2.2): of no account, and shown to none but the credential that made them. */
import { badProperties, MethodError, setFault } from '../../../../codec/jmap/error.ts';
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import { isObject, isText, isTextList, type JsonObject, member, sameJson } from '../../../../codec/jmap/json.ts';
import { patched } from '../../../../codec/jmap/patch.ts';
import { readPushKeys } from '../../../../codec/push/web-push.ts';
import { isIP } from 'node:net';
import { isRefusal } from '../../../../core/refusal.ts';
import { credentialOf } from '../../push/credential.ts';
import { bareHost } from '../../push/push-request.ts';
import type { Push, Pushes } from '../../push/pushes.ts';
import { onlyKnown } from '../arguments.ts';
import type { Call } from '../call.ts';
import { TYPES_LIMIT } from '../event-query.ts';
import type { Method } from '../method.ts';
import { getAsk, getAnswer } from '../standard-get.ts';
import { runSet, setAsk, type Setter } from '../standard-set.ts';

/** RFC 8620 §7.2: at least 48 hours, and should be at least 7 days. */
export const LONGEST_MS = 7 * 86_400_000;
const URL_LIMIT = 2_048;
const DEVICE_LIMIT = 255;
const SECRET = ['url', 'keys'];
const SHOWN = ['deviceClientId', 'verificationCode', 'expires', 'types'];
const PROPERTIES = [...SHOWN, ...SECRET];

const dateText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function shown({ id, record }: Push): JsonObject {
  const { deviceClientId, code, verified, expires, types } = record;
  // SECURITY: a code that could be read here would prove nothing.
  return { id: idOf('push', id), deviceClientId, verificationCode: verified ? code : null, expires: dateText(expires), types };
}

const pushesOf = ({ host }: Call): Pushes => {
  if (host.pushes === undefined) throw new MethodError('serverUnavailable', 'there is no push here');
  return host.pushes;
};

const mine = (call: Call): Promise<readonly Push[]> => pushesOf(call).list(call.person.account, credentialOf(call.signedIn));

export const pushSubscriptionGet: Method = {
  name: 'PushSubscription/get',
  capability: 'urn:ietf:params:jmap:core',
  async run(args, call) {
    onlyKnown(args, ['ids', 'properties']);
    const ask = getAsk(args, (name) => PROPERTIES.includes(name));
    if (ask.properties?.some((name) => SECRET.includes(name)) === true) throw new MethodError('forbidden', 'url and keys are never shown');
    const objects = (await mine(call)).map((push) => shown(push));
    const source = { all: () => objects, one: (id: string) => objects.find((object) => object['id'] === id) };
    const { list, notFound } = await getAnswer(ask, { accountId: null, state: '', ...source });
    return { list, notFound };
  },
};

export const pushSubscriptionSet: Method = {
  name: 'PushSubscription/set',
  capability: 'urn:ietf:params:jmap:core',
  async run(args, call) {
    onlyKnown(args, ['create', 'update', 'destroy']);
    const { accountId: _, oldState: _old, newState: _new, ...answer } = await runSet(args, setAsk(args), { call, setter: setterOf(call) });
    return answer;
  },
};

function setterOf(call: Call): Setter {
  const pushes = pushesOf(call);
  const { account } = call.person;
  const find = async (id: string): Promise<Push> => {
    const number = numberOf('push', id);
    const push = (await mine(call)).find((one) => one.id === number);
    if (push === undefined) throw setFault('notFound');
    return push;
  };
  return {
    state: () => '',
    create: (object) => create(object, call),
    async update(id, patch) {
      const push = await find(id);
      const before = { ...shown(push) };
      const after = patched(before, patch);
      const record = { ...push.record, ...changed(push, { before, after }, call) };
      const refused = await pushes.change(account, push, record);
      if (isRefusal(refused)) throw setFault('forbidden', refused.refusal);
      return after['expires'] === dateText(record.expires) ? null : { expires: dateText(record.expires) };
    },
    async destroy(id) {
      await pushes.remove(account, await find(id));
    },
  };
}

function changed(
  { record }: Push,
  { before, after }: Readonly<{ before: JsonObject; after: JsonObject }>,
  call: Call,
): Readonly<{ verified: boolean; expires: number; types: readonly string[] | null }> {
  const touched = Object.keys(after).filter((name) => !sameJson(member(before, name), after[name]));
  const fixed = touched.filter((name) => !['verificationCode', 'expires', 'types'].includes(name));
  if (fixed.length > 0) throw badProperties(...fixed.map((name) => name.slice(0, 100)));
  const isProof = touched.includes('verificationCode');
  if (isProof && after['verificationCode'] !== record.code) throw badProperties('verificationCode');
  return {
    verified: record.verified || isProof,
    expires: touched.includes('expires') ? expiryOf(after['expires'], call) : record.expires,
    types: touched.includes('types') ? typesOf(after['types']) : record.types,
  };
}

async function create(object: JsonObject, call: Call): Promise<JsonObject> {
  const strangers = Object.keys(object).filter((name) => !PROPERTIES.includes(name));
  if (strangers.length > 0) throw badProperties(...strangers.map((name) => name.slice(0, 100)));
  const { deviceClientId, url, verificationCode = null } = object;
  if (!isText(deviceClientId) || deviceClientId === '' || deviceClientId.length > DEVICE_LIMIT) throw badProperties('deviceClientId');
  if (verificationCode !== null) throw badProperties('verificationCode');
  const pushes = pushesOf(call);
  const made = await pushes.create(call.person.account, {
    credential: credentialOf(call.signedIn),
    deviceClientId,
    url: urlOf(url, pushes),
    keys: keysOf(object['keys']),
    expires: expiryOf(object['expires'], call),
    types: typesOf(object['types']),
  });
  if (made === 'tooMany') throw setFault('overQuota', 'there are too many push subscriptions; destroy one first');
  if (made === 'tooOften') throw setFault('rateLimit', 'too many push subscriptions were made within an hour');
  if (isRefusal(made)) throw setFault('forbidden', made.refusal);
  const { keys, types } = made.record;
  const defaults = { ...(keys === null ? { keys } : {}), ...(types === null ? { types } : {}), verificationCode: null };
  return { id: idOf('push', made.id), expires: dateText(made.record.expires), ...defaults };
}

/** SECURITY: addresses inside are refused here where the url names one, and at every connection where a name leads to one. */
function urlOf(value: unknown, pushes: Pushes): string {
  const url = isText(value) && value.length <= URL_LIMIT && value.startsWith('https://') ? URL.parse(value) : null;
  if (url === null || url.username !== '' || url.password !== '') throw badProperties('url');
  const host = bareHost(url);
  if (isIP(host) === 0 ? /^localhost$|\.localhost$/i.test(host) : !pushes.mayReach(host)) throw badProperties('url');
  return url.href;
}

function keysOf(value: unknown): Readonly<{ p256dh: string; auth: string }> | null {
  if (value === undefined || value === null) return null;
  const [p256dh, auth] = isObject(value) ? [member(value, 'p256dh'), member(value, 'auth')] : [];
  if (!isText(p256dh) || !isText(auth) || readPushKeys(p256dh, auth) === undefined) throw badProperties('keys');
  return { p256dh, auth };
}

function expiryOf(value: unknown, { host }: Call): number {
  const now = host.clock.now();
  const longest = Math.floor((now + LONGEST_MS) / 1_000) * 1_000;
  if (value === undefined || value === null) return longest;
  const at = isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at) || at <= now) throw badProperties('expires');
  return Math.min(at, longest);
}

function typesOf(value: unknown): readonly string[] | null {
  if (value === undefined || value === null) return null;
  const isTypes = isTextList(value) && value.length <= TYPES_LIMIT && value.every((name) => /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name));
  if (!isTypes) throw badProperties('types');
  return [...new Set(value)];
}
