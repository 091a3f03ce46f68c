/** Journey/get, /query and /explain: our own capability, described in docs/guide/jmap.md. */
import { invalid, MethodError } from '../../../../codec/jmap/error.ts';
import { isObject, isText, isUnsignedInt, isUtcDate, type JsonObject } from '../../../../codec/jmap/json.ts';
import { isJourneyId } from '../../../../core/ids.ts';
import { explain, type Journey, type JourneySearch, readReply, type RecipientState } from '../../../../service/journey/journey.ts';
import { onlyKnown, optional, required } from '../arguments.ts';
import type { Call } from '../call.ts';
import { JOURNEY_CAPABILITY, JOURNEY_PROPERTIES, journeyObject, tellingOf } from '../journey-object.ts';
import { LIMITS } from '../limits.ts';
import type { Method } from '../method.ts';
import { stateText } from '../standard-changes.ts';
import { getAsk, picked } from '../standard-get.ts';

/** Journeys that one query gives; more are asked for with `before`. */
const QUERY_LIMIT = 200;
/** Characters of a search word. */
const WORD_LIMIT = 1_000;

const STATES: ReadonlySet<string> = new Set<RecipientState>([
  'queued',
  'sending',
  'deferred',
  'acceptedByRemote',
  'deliveredHere',
  'filed',
  'refused',
  'bounced',
  'expired',
  'quarantined',
  'forwarded',
  'expanded',
  'cancelled',
  'held',
]);

const find = (call: Call, id: string): Promise<Journey | undefined> =>
  isJourneyId(id) ? call.host.reader.show({ as: 'person', account: call.person.account }, id) : Promise.resolve(undefined);

export const journeyGet: Method = {
  name: 'Journey/get',
  capability: JOURNEY_CAPABILITY,
  run: async (args, call) => {
    const mail = await call.mail(args);
    const ask = getAsk(args, (name) => JOURNEY_PROPERTIES.includes(name), ['language', 'timeZone']);
    // There is no end to them; every client asks by id.
    if (ask.ids === null) throw invalid('"ids" must be given');
    const telling = tellingOf(args, call.person, call.host.clock.now());
    const list: JsonObject[] = [];
    const notFound: string[] = [];
    for (const id of ask.ids) {
      const journey = await find(call, id);
      if (journey === undefined) notFound.push(id);
      else list.push(picked(journeyObject(journey, telling), ask.properties));
    }
    return { accountId: args['accountId'], state: stateText(await mail.state()), list, notFound };
  },
};

export const journeyQuery: Method = {
  name: 'Journey/query',
  capability: JOURNEY_CAPABILITY,
  run: async (args, call) => {
    const account = call.accountId(args);
    onlyKnown(args, ['accountId', 'filter', 'before', 'limit']);
    const search = searchOf(optional(args, 'filter', isObject, {}));
    const limit = Math.min(optional(args, 'limit', isUnsignedInt, QUERY_LIMIT), QUERY_LIMIT);
    const before = optional(args, 'before', isText, null);
    if (before !== null && !isJourneyId(before)) throw new MethodError('anchorNotFound');
    const ask = { limit, search, ...(before === null ? {} : { before }) };
    const journeys = limit === 0 ? [] : await call.host.reader.list({ as: 'person', account }, ask);
    return { accountId: args['accountId'], canCalculateChanges: false, ids: journeys.map(({ journey }) => journey), limit };
  },
};

/** Conditions are all to hold; there are no operators. */
function searchOf(filter: JsonObject): JourneySearch {
  const search: { -readonly [Name in keyof JourneySearch]: JourneySearch[Name] } = {};
  for (const [name, value] of Object.entries(filter)) {
    if ((name === 'text' || name === 'address' || name === 'code') && isText(value)) search[name] = value.slice(0, WORD_LIMIT);
    else if (name === 'direction' && (value === 'in' || value === 'out')) search.direction = value;
    else if (name === 'state' && isText(value) && STATES.has(value)) search.state = value as RecipientState;
    else if (name === 'after' && isUtcDate(value)) search.from = Date.parse(value);
    else if (name === 'before' && isUtcDate(value)) search.to = Date.parse(value) - 1;
    else throw new MethodError('unsupportedFilter', `"${name.slice(0, 100)}" cannot be filtered by so`);
  }
  return search;
}

/** What a reply of a mail server means, from any reply that somebody has before them. */
export const journeyExplain: Method = {
  name: 'Journey/explain',
  capability: JOURNEY_CAPABILITY,
  run: (args, call) => {
    call.accountId(args);
    onlyKnown(args, ['accountId', 'replies', 'host', 'language', 'timeZone']);
    const { language } = tellingOf(args, call.person, call.host.clock.now());
    const host = optional(args, 'host', isText, '');
    const replies = required(args, 'replies', (value): value is readonly string[] => Array.isArray(value) && value.every(isText));
    if (replies.length > LIMITS.maxObjectsInGet) throw new MethodError('requestTooLarge', 'more replies than maxObjectsInGet');
    const list = replies.map((given) => {
      const reply = readReply(given);
      if (reply === undefined) return { reply: given, explanation: null };
      const { key, owner, retry, meaning, next, specific } = explain(reply, host);
      return { reply: given, explanation: { key, owner, retry, specific, meaning: meaning[language], next: next[language] } };
    });
    return { accountId: args['accountId'], list };
  },
};
