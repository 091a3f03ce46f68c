/** Passwords for one app or device each. */
import { Type } from 'typebox';
import { isRefusal } from '../../../../core/refusal.ts';
import type { AppPassword } from '../../../../service/accounts/accounts.ts';
import { bodyOf } from '../body.ts';
import type { Route } from '../desk.ts';
import { findPerson, instant } from '../find.ts';

const body = bodyOf(
  Type.Object(
    {
      label: Type.String(),
      scopes: Type.Array(Type.Enum(['imap', 'smtp', 'jmap', 'pop3', 'dav']), { maxItems: 10 }),
      senders: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
    },
    { additionalProperties: false },
  ),
);

function view({ id, label, scopes, senders, createdAt, lastUsedAt }: AppPassword) {
  return { id, label, scopes, senders, createdAt: instant(createdAt), lastUsedAt: lastUsedAt === null ? null : instant(lastUsedAt) };
}

export const appPasswordRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/people/:address/app-passwords',
    summary: 'The app passwords of a person, without the passwords',
    run: ({ params }, desk) => {
      const person = findPerson(desk, params['address'] ?? '');
      return isRefusal(person) ? person : { value: { appPasswords: desk.accounts.appPasswords(person.account).map(view) } };
    },
  },
  {
    method: 'POST',
    path: '/people/:address/app-passwords',
    summary: 'A new app password, shown this once',
    run: async ({ params, body: given }, desk) => {
      const person = findPerson(desk, params['address'] ?? '');
      if (isRefusal(person)) return person;
      const checked = body(given);
      if (!checked.ok) return checked;
      const added = await desk.accounts.addAppPassword({ account: person.account, ...checked.value });
      return isRefusal(added) ? added : { status: 201, value: { ...view(added.appPassword), password: added.password } };
    },
  },
  {
    method: 'DELETE',
    path: '/people/:address/app-passwords/:id',
    summary: 'Withdraws an app password at once',
    run: async ({ params }, desk) => {
      const person = findPerson(desk, params['address'] ?? '');
      if (isRefusal(person)) return person;
      return (await desk.accounts.removeAppPassword(person.account, Number(params['id']))) ?? { status: 204 };
    },
  },
];
