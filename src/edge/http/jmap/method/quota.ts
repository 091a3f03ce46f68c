/** Quota/get, /changes, /query and /queryChanges (RFC 9425): the octets an account may fill, where there is a limit. */
import { invalid, MethodError } from '../../../../codec/jmap/error.ts';
import { isText, type JsonObject } from '../../../../codec/jmap/json.ts';
import type { MailAccount } from '../../../../service/mailboxes/mailboxes.ts';
import type { Call } from '../call.ts';
import type { Method } from '../method.ts';
import { changesAnswer, changesAsk, readState, stateText } from '../standard-changes.ts';
import { getAnswer, getAsk } from '../standard-get.ts';
import { matches, queryAnswer, queryAsk, queryChangesAnswer, queryChangesAsk, type QueryKind } from '../standard-query.ts';

const CAPABILITY = 'urn:ietf:params:jmap:quota';
/** There is one at most. */
const ID = 'octets';
const PROPERTIES: readonly string[] = [
  'resourceType',
  'used',
  'hardLimit',
  'scope',
  'name',
  'types',
  'warnLimit',
  'softLimit',
  'description',
];
/** From here on a client may warn: a tenth is left. */
const WARN_SHARE = 0.9;

type Condition = (quota: JsonObject) => boolean;
const QUERY: QueryKind<Condition> = {
  condition: (value) => {
    const tests = Object.entries(value).map(([name, wanted]) => testOf(name, wanted));
    return (quota) => tests.every((test) => test(quota));
  },
  sorts: { name: [], used: [] },
};

function testOf(name: string, wanted: unknown): Condition {
  if (!['name', 'scope', 'resourceType', 'type'].includes(name))
    throw new MethodError('unsupportedFilter', `there is no filter "${name.slice(0, 100)}"`);
  if (!isText(wanted)) throw invalid(`"${name}" in the filter is of the wrong type`);
  if (name === 'name') return (quota) => String(quota['name']).toLowerCase().includes(wanted.toLowerCase());
  if (name === 'type') return (quota) => (quota['types'] as readonly string[]).includes(wanted);
  return (quota) => quota[name] === wanted;
}

/** Quotas of types that the client does not know are not for it (RFC 9425 §4.1). */
async function quotasOf(mail: MailAccount, call: Call): Promise<readonly JsonObject[]> {
  const { used, limit } = await mail.quota();
  if (limit === 0 || !call.using.includes('urn:ietf:params:jmap:mail')) return [];
  const about = { name: 'Mail', types: ['Email'], scope: 'account', resourceType: 'octets', description: null };
  return [{ id: ID, ...about, used, hardLimit: limit, softLimit: null, warnLimit: Math.floor(limit * WARN_SHARE) }];
}

export const quotaGet: Method = {
  name: 'Quota/get',
  capability: CAPABILITY,
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = getAsk(args, (name) => PROPERTIES.includes(name));
    const state = stateText(await mail.state());
    const quotas = await quotasOf(mail, call);
    return getAnswer(ask, {
      accountId: args['accountId'],
      state,
      all: () => quotas,
      one: (id) => quotas.find((quota) => quota['id'] === id),
    });
  },
};

/** What is used changes with nearly everything; what else there is only where an administrator changes it, which no log tells. */
export const quotaChanges: Method = {
  name: 'Quota/changes',
  capability: CAPABILITY,
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = changesAsk(args);
    const newState = await mail.state();
    const isKnown = ask.since.epoch === newState.epoch && ask.since.modseq <= newState.modseq;
    const hasMoved = ask.since.modseq < newState.modseq;
    const updated = hasMoved ? (await quotasOf(mail, call)).map(({ id }) => String(id)) : [];
    const changed = { created: [], updated, destroyed: [], newState, hasMoreChanges: false };
    return { ...changesAnswer(args['accountId'], ask, { changed: isKnown ? changed : undefined, text: String }), updatedProperties: null };
  },
};

export const quotaQuery: Method = {
  name: 'Quota/query',
  capability: CAPABILITY,
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = queryAsk(args, QUERY);
    const found = (await quotasOf(mail, call)).filter((quota) => matches(ask.filter, (holds) => holds(quota)));
    return queryAnswer(args['accountId'], ask, {
      ids: found.map(() => 0),
      text: () => ID,
      anchorAt: (anchor) => (found.length > 0 && anchor === ID ? 0 : -1),
      queryState: stateText(await mail.state()),
      canCalculateChanges: true,
    });
  },
};

export const quotaQueryChanges: Method = {
  name: 'Quota/queryChanges',
  capability: CAPABILITY,
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = queryChangesAsk(args, QUERY);
    const [since, now] = [readState(ask.sinceQueryState), await mail.state()];
    if (since === undefined || since.epoch !== now.epoch || since.modseq > now.modseq) throw new MethodError('cannotCalculateChanges');
    const ids = (await quotasOf(mail, call)).filter((quota) => matches(ask.filter, (holds) => holds(quota))).map(() => ID);
    const touched = new Set(since.modseq < now.modseq ? [ID] : []);
    return queryChangesAnswer(args['accountId'], ask, { ids, touched, created: new Set(), newQueryState: stateText(now) });
  },
};
