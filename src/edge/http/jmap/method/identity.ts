/** Identity/get, /changes and /set (RFC 8621 §6.1 to §6.3). */
import { setFault } from '../../../../codec/jmap/error.ts';
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import type { JsonObject } from '../../../../codec/jmap/json.ts';
import { patched } from '../../../../codec/jmap/patch.ts';
import { isRefusal } from '../../../../core/refusal.ts';
import type { Call } from '../call.ts';
import { IDENTITY_PROPERTIES, identityObject, readChangedIdentity, readNewIdentity } from '../identity-object.ts';
import type { Method } from '../method.ts';
import { orSetFault } from '../phrases.ts';
import { changesAnswer, changesAsk, stateText } from '../standard-changes.ts';
import { getAnswer, getAsk } from '../standard-get.ts';
import { runSet, setAsk, type Setter } from '../standard-set.ts';

const isProperty = (name: string): boolean => (IDENTITY_PROPERTIES as readonly string[]).includes(name);

export const identityGet: Method = {
  name: 'Identity/get',
  capability: 'urn:ietf:params:jmap:submission',
  async run(args, call) {
    const account = call.accountId(args);
    const ask = getAsk(args, isProperty);
    const { state, identities } = await call.host.identities.list(account);
    const objects = new Map(identities.map((each) => [idOf('identity', each.id), identityObject(each, call.person.name)] as const));
    return getAnswer(ask, {
      accountId: args['accountId'],
      state: stateText(state),
      all: () => [...objects.values()],
      one: (id) => objects.get(id),
    });
  },
};

export const identityChanges: Method = {
  name: 'Identity/changes',
  capability: 'urn:ietf:params:jmap:submission',
  async run(args, call) {
    const account = call.accountId(args);
    const ask = changesAsk(args);
    const changed = await call.host.identities.changes(account, ask.since, ask.max);
    return changesAnswer(args['accountId'], ask, { changed, text: (id) => idOf('identity', id) });
  },
};

export const identitySet: Method = {
  name: 'Identity/set',
  capability: 'urn:ietf:params:jmap:submission',
  run(args, call) {
    call.accountId(args);
    return runSet(args, setAsk(args), { call, setter: setterOf(call) });
  },
};

function setterOf(call: Call): Setter {
  const { identities } = call.host;
  const { account, name } = call.person;
  const numberIn = (id: string): number => {
    const number = numberOf('identity', id);
    if (number === undefined) throw setFault('notFound');
    return number;
  };
  return {
    state: async () => stateText((await identities.list(account)).state),
    create: (object) => create(object, call),
    async update(id, patch) {
      const identity = await identities.find(account, numberIn(id));
      if (identity === undefined) throw setFault('notFound');
      const before = identityObject(identity, name);
      const to = readChangedIdentity(before, patched(before, patch));
      // Whoever did not touch the name goes on with the person's own, whatever it becomes.
      const isOwnName = identity.record.name === null && to.name === before['name'];
      orSetFault(await identities.change(account, identity.id, isOwnName ? { ...to, name: null } : to));
      return null;
    },
    async destroy(id) {
      orSetFault(await identities.remove(account, numberIn(id)));
    },
  };
}

async function create(object: JsonObject, call: Call): Promise<JsonObject> {
  const record = readNewIdentity(object);
  const made = await call.host.identities.create(call.signedIn, record);
  if (isRefusal(made) && made.refusal === 'senderNotYours') throw setFault('forbiddenFrom', 'That is not one of your addresses');
  const { email: _, ...defaults } = record;
  const left = Object.entries(defaults).filter(([name]) => !Object.hasOwn(object, name) || object[name] === null);
  return { id: idOf('identity', orSetFault(made)), mayDelete: true, ...Object.fromEntries(left) };
}
