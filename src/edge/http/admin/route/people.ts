/** People: one by one, and a school at a time. */
import { type Static, Type } from 'typebox';
import { isRefusal, refuse } from '../../../../core/refusal.ts';
import { type MadePassword, type NewPerson, PEOPLE_AT_ONCE, type Person, whyWeak } from '../../../../service/accounts/accounts.ts';
import { bodyOf } from '../body.ts';
import type { Answer, Desk, Route } from '../desk.ts';
import { findHost, findPerson, instant } from '../find.ts';

const Language = Type.Enum(['en', 'nl']);
const newPerson = Type.Object(
  {
    address: Type.String(),
    name: Type.Optional(Type.String()),
    /** Left out: one is made, and told once in the answer. */
    password: Type.Optional(Type.String()),
    language: Type.Optional(Language),
    quota: Type.Optional(Type.Integer({ minimum: 0 })),
    admin: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
const peopleBody = bodyOf(
  Type.Object(
    { people: Type.Array(newPerson, { maxItems: PEOPLE_AT_ONCE, minItems: 1 }), acceptWeakPasswords: Type.Optional(Type.Boolean()) },
    { additionalProperties: false },
  ),
);
const changeBody = bodyOf(
  Type.Object(
    {
      name: Type.Optional(Type.String()),
      language: Type.Optional(Language),
      state: Type.Optional(Type.Enum(['open', 'sendingPaused', 'closed'])),
      quota: Type.Optional(Type.Integer({ minimum: 0 })),
      admin: Type.Optional(Type.Boolean()),
      password: Type.Optional(Type.String()),
      newPassword: Type.Optional(Type.Literal(true)),
    },
    { additionalProperties: false },
  ),
);

/** Lines of progress are this many passwords apart. */
const PROGRESS_STEP = 20;

function personView({ accounts }: Desk, person: Person) {
  const { address, name, organisation, language, state, quota, admin, createdAt } = person;
  return {
    address,
    name,
    organisation: accounts.organisation(organisation)?.name ?? String(organisation),
    language,
    state,
    quota,
    admin,
    createdAt: instant(createdAt),
  };
}

export const personRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/people',
    summary: 'Everybody who has an account',
    run: (_, desk) => ({ value: { people: desk.accounts.people().map((person) => personView(desk, person)) } }),
  },
  {
    method: 'POST',
    path: '/people',
    summary: 'New people, all or none; each is born with a key and mailboxes',
    run: ({ body, wantsProgress }, desk) => {
      const checked = peopleBody(body);
      if (!checked.ok) return checked;
      if (!wantsProgress) return addAll(desk, checked.value, () => undefined);
      return { progress: (tell) => addAll(desk, checked.value, (done) => (done % PROGRESS_STEP === 0 ? tell({ done }) : undefined)) };
    },
  },
  {
    method: 'GET',
    path: '/people/:address',
    summary: 'One person, with what belongs to them',
    run: ({ params }, desk) => {
      const person = findPerson(desk, params['address'] ?? '');
      if (isRefusal(person)) return person;
      const aliases = desk.accounts.aliases(person.organisation).filter(({ address }) => desk.accounts.mayUse(person.account, address));
      const appPasswords = desk.accounts.appPasswords(person.account).length;
      return { value: { ...personView(desk, person), aliases: aliases.map(({ address }) => address), appPasswords } };
    },
  },
  {
    method: 'PATCH',
    path: '/people/:address',
    summary: 'Changes what is given and leaves the rest',
    run: async ({ params, body }, desk) => {
      const person = findPerson(desk, params['address'] ?? '');
      if (isRefusal(person)) return person;
      const checked = changeBody(body);
      if (!checked.ok) return checked;
      const { newPassword, ...change } = checked.value;
      if (newPassword === true && change.password !== undefined) return refuse('badValue', { what: 'newPassword', why: 'notBoth' });
      const made = newPassword === true ? desk.accounts.makePassword() : undefined;
      const changed = await desk.accounts.changePerson(person.account, made === undefined ? change : { ...change, password: made });
      return isRefusal(changed) ? changed : { value: { ...personView(desk, changed), ...shownOnce(made) } };
    },
  },
  {
    method: 'DELETE',
    path: '/people/:address',
    summary: 'Removes a person and destroys the key of all they had',
    run: async ({ params }, desk) => {
      const person = findPerson(desk, params['address'] ?? '');
      if (isRefusal(person)) return person;
      return (await desk.accounts.removePerson(person.account)) ?? { status: 204 };
    },
  },
];

type Import = Readonly<{ people: readonly Static<typeof newPerson>[]; acceptWeakPasswords?: boolean }>;

async function addAll(desk: Desk, { people, acceptWeakPasswords = false }: Import, onProgress: (done: number) => void): Promise<Answer> {
  const asks: NewPerson[] = [];
  for (const [at, person] of people.entries()) {
    const organisation = findHost(desk, person.address);
    if (isRefusal(organisation)) return refuse(organisation.refusal, { ...organisation.facts, at: String(at) });
    const password = person.password ?? desk.accounts.makePassword();
    asks.push({ ...person, password, name: person.name ?? '', organisation, acceptWeakPassword: acceptWeakPasswords });
  }
  const added = await desk.accounts.addPeople(asks, onProgress);
  if (isRefusal(added)) return added;
  const value = added.map((person, at) => {
    const password = asks[at]?.password ?? '';
    const isGiven = typeof password === 'string';
    return {
      ...personView(desk, person),
      weakPassword: isGiven && isWeak(desk, person, password),
      ...shownOnce(isGiven ? undefined : password),
    };
  });
  return { status: 201, value: { people: value } };
}

const shownOnce = (password: MadePassword | undefined) => (password === undefined ? {} : { generatedPassword: password.made });

const isWeak = ({ minimumPassword }: Desk, { address, name }: Person, password: string): boolean =>
  whyWeak(password, { address, name }, minimumPassword) !== undefined;
