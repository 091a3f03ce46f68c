/** EmailSubmission/set (RFC 8621 §7.5), and the Email/set that follows from it. */
import { badProperties, invalid, setFault } from '../../../../codec/jmap/error.ts';
import { idOf, numberOf } from '../../../../codec/jmap/ids.ts';
import { isObject, isTextList, type JsonObject, sameJson } from '../../../../codec/jmap/json.ts';
import { patched } from '../../../../codec/jmap/patch.ts';
import { isRefusal } from '../../../../core/refusal.ts';
import { optional } from '../arguments.ts';
import type { Call } from '../call.ts';
import type { Method } from '../method.ts';
import { orSetFault } from '../phrases.ts';
import { stateText } from '../standard-changes.ts';
import { runSet, setAsk, type SetAnswer, type Setter } from '../standard-set.ts';
import { createSubmission } from '../submission-creation.ts';
import { submissionObject } from '../submission-object.ts';

type OnSuccess = Readonly<{ update: Readonly<Record<string, JsonObject>>; destroy: readonly string[] }>;

export const emailSubmissionSet: Method = {
  name: 'EmailSubmission/set',
  capability: 'urn:ietf:params:jmap:submission',
  async run(args, call) {
    const account = call.accountId(args);
    const ask = setAsk(args, ['onSuccessUpdateEmail', 'onSuccessDestroyEmail']);
    const onSuccess = onSuccessIn(args);
    /** What the submissions of this call are of: also of those that are destroyed by it. */
    const emails = new Map<string, string>();
    const { submissions } = await call.host.sentMail.list(account);
    for (const { id, record } of submissions) emails.set(idOf('submission', id), idOf('email', record.email));
    const answer = await runSet(args, ask, { call, setter: setterOf(args, call, emails) });
    const follow = followUp(onSuccess, { answer, emails, call });
    if (follow === undefined) return answer;
    return [['EmailSubmission/set', answer], await call.perform('Email/set', { accountId: args['accountId'], ...follow })];
  },
};

function onSuccessIn(args: JsonObject): OnSuccess {
  const update = optional(args, 'onSuccessUpdateEmail', isObject, {});
  const destroy = optional(args, 'onSuccessDestroyEmail', isTextList, []);
  const patches = Object.entries(update).map(([id, patch]): readonly [string, JsonObject] => {
    if (!isObject(patch)) throw invalid('"onSuccessUpdateEmail" holds patches');
    return [id, patch];
  });
  return { update: Object.fromEntries(patches), destroy };
}

function setterOf(args: JsonObject, call: Call, emails: Map<string, string>): Setter {
  const { sentMail } = call.host;
  const { account } = call.person;
  return {
    state: async () => stateText((await sentMail.list(account)).state),
    async create(object) {
      const made = await createSubmission(args, object, call);
      const given = object['emailId'];
      const email = typeof given === 'string' ? call.idMeant(given) : undefined;
      if (typeof made['id'] === 'string' && email !== undefined) emails.set(made['id'], email);
      return made;
    },
    update: (id, patch) => update(id, patch, call),
    async destroy(id) {
      const number = numberOf('submission', id);
      if (number === undefined) throw setFault('notFound');
      orSetFault(await sentMail.remove(account, number));
    },
  };
}

/** Only `undoStatus` can change, and only to `canceled`. */
async function update(id: string, patch: JsonObject, { host, person }: Call): Promise<null> {
  const number = numberOf('submission', id);
  const { submissions } = await host.sentMail.list(person.account);
  const submission = submissions.find((each) => each.id === number);
  if (submission === undefined) throw setFault('notFound');
  const before = submissionObject(submission);
  const after = patched(before, patch);
  const touched = Object.keys(after).filter((name) => !sameJson(before[name], after[name]));
  const fixed = touched.filter((name) => name !== 'undoStatus');
  if (fixed.length > 0) throw badProperties(...fixed.map((name) => name.slice(0, 100)));
  if (touched.length === 0) return null;
  if (after['undoStatus'] !== 'canceled') throw badProperties('undoStatus');
  const refused = await host.sentMail.cancel(person, submission.id);
  if (isRefusal(refused)) throw refused.refusal === 'notFound' ? setFault('notFound') : setFault('cannotUnsend', refused.facts['why']);
  return null;
}

type Done = Readonly<{ answer: SetAnswer; emails: ReadonlyMap<string, string>; call: Call }>;

/** One Email/set for all that succeeded; undefined where there is nothing to do. */
function followUp({ update: patches, destroy }: OnSuccess, { answer, emails, call }: Done): JsonObject | undefined {
  const done = new Set([
    ...Object.values(answer.created ?? {}).flatMap(({ id }) => (typeof id === 'string' ? [id] : [])),
    ...Object.keys(answer.updated ?? {}),
    ...(answer.destroyed ?? []),
  ]);
  const emailOf = (given: string): string | undefined => {
    const id = call.idMeant(given);
    return id !== undefined && done.has(id) ? emails.get(id) : undefined;
  };
  const changes: Record<string, JsonObject> = {};
  for (const [given, patch] of Object.entries(patches)) {
    const email = emailOf(given);
    if (email !== undefined) changes[email] = { ...changes[email], ...patch };
  }
  const gone = new Set(destroy.flatMap((given) => emailOf(given) ?? []));
  if (gone.size === 0 && Object.keys(changes).length === 0) return undefined;
  return { update: changes, destroy: [...gone] };
}
