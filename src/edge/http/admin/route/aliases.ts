/** Addresses that stand for others. */
import { Type } from 'typebox';
import { splitAddress } from '../../../../core/address.ts';
import { isRefusal, refuse } from '../../../../core/refusal.ts';
import type { Alias } from '../../../../service/accounts/accounts.ts';
import { bodyOf } from '../body.ts';
import type { Desk, Route } from '../desk.ts';
import { findHost } from '../find.ts';

const aliasBody = bodyOf(
  Type.Object({ address: Type.String(), targets: Type.Array(Type.String(), { maxItems: 1_000 }) }, { additionalProperties: false }),
);

/** `reaches`: how many mailboxes and foreign addresses it comes to in the end; 0 says it leads nowhere. */
function aliasView({ accounts }: Desk, { address, targets }: Alias) {
  const split = splitAddress(address);
  const found = split === undefined ? undefined : accounts.resolve(split);
  return { address, targets, reaches: found?.found === 'local' ? found.targets.length : 0 };
}

export const aliasRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/aliases',
    summary: 'All aliases',
    run: (_, desk) => ({ value: { aliases: desk.accounts.aliases().map((alias) => aliasView(desk, alias)) } }),
  },
  {
    method: 'POST',
    path: '/aliases',
    summary: 'An address that stands for others, here or elsewhere',
    run: async ({ body }, desk) => {
      const checked = aliasBody(body);
      if (!checked.ok) return checked;
      const { address, targets } = checked.value;
      const organisation = findHost(desk, address);
      if (isRefusal(organisation)) return organisation;
      const added = await desk.accounts.addAlias({ organisation, address, targets });
      return isRefusal(added) ? added : { status: 201, value: aliasView(desk, added) };
    },
  },
  {
    method: 'DELETE',
    path: '/aliases/:address',
    summary: 'Removes an alias; whom it stood for stay',
    run: async ({ params }, { accounts }) => {
      const wanted = (params['address'] ?? '').normalize('NFC').toLowerCase();
      const alias = accounts.aliases().find(({ address }) => address.toLowerCase() === wanted);
      if (alias === undefined) return refuse('notFound', { what: 'alias', value: wanted });
      return (await accounts.removeAlias(alias.id)) ?? { status: 204 };
    },
  },
];
