/** Moves the school in: organisation, domain, people, shared addresses, and a letter of welcome for each. */
import { compose } from '../../codec/mime/compose.ts';
import { hash } from 'node:crypto';
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import type { Person } from '../../service/accounts/accounts.ts';
import type { House } from '../wire.ts';
import { DEMO_ALIASES, DEMO_DOMAIN, DEMO_ORGANISATION, DEMO_PEOPLE } from './people.ts';
import { welcomeText } from './words.ts';

export type DemoAccount = Readonly<{ name: string; address: string; password: string }>;

function given<T>(value: T): Exclude<T, Refusal> {
  if (isRefusal(value)) throw new Error(`the demo could not move in: ${value.refusal} ${JSON.stringify(value.facts)}`);
  return value as Exclude<T, Refusal>;
}

const at = (local: string): string => `${local}@${DEMO_DOMAIN}`;

/** In a folder that was kept, the people are there already and get new passwords. */
export async function settleIn(house: House): Promise<readonly DemoAccount[]> {
  const passwords = DEMO_PEOPLE.map(() => house.accounts.makePassword().made);
  const accounts = DEMO_PEOPLE.map(({ local, name }, index) => ({ name, address: at(local), password: passwords[index] ?? '' }));
  if (house.accounts.domains().some(({ name }) => name === DEMO_DOMAIN)) await renew(house, accounts);
  else await moveIn(house, accounts);
  return accounts;
}

async function renew(house: House, accounts: readonly DemoAccount[]): Promise<void> {
  for (const { address, password } of accounts) {
    const person = house.accounts.personByAddress(address);
    if (person !== undefined) given(await house.accounts.changePerson(person.account, { password }));
  }
}

async function moveIn(house: House, accounts: readonly DemoAccount[]): Promise<void> {
  const { organisation } = given(await house.accounts.addOrganisation({ name: DEMO_ORGANISATION, language: 'nl' }));
  given(await house.accounts.addDomain({ organisation, name: DEMO_DOMAIN }));
  const people = given(
    await house.accounts.addPeople(
      DEMO_PEOPLE.map(({ name, language, admin }, index) => ({
        organisation,
        address: accounts[index]?.address ?? '',
        name,
        password: accounts[index]?.password ?? '',
        language,
        admin,
      })),
    ),
  );
  for (const { local, targets } of DEMO_ALIASES)
    given(await house.accounts.addAlias({ organisation, address: at(local), targets: targets.map(at) }));
  await Promise.all(people.map((person) => welcome(house, person)));
}

async function welcome(house: House, person: Person): Promise<void> {
  const now = house.ground.clock.now();
  const { subject, text } = welcomeText(person);
  const content = compose({
    from: [{ name: 'Eigenpost', mailbox: 'postmaster', host: DEMO_DOMAIN }],
    to: [{ name: person.name, mailbox: person.address.slice(0, person.address.lastIndexOf('@')), host: DEMO_DOMAIN }],
    subject,
    date: now,
    messageId: `<welcome.${person.account}@${DEMO_DOMAIN}>`,
    body: { kind: 'text', text },
  });
  given(
    await house.pipeline.take({
      origin: 'import',
      envelope: {
        from: '',
        recipients: [{ address: person.address, notify: null, originalRecipient: null }],
        returnContent: null,
        envelopeId: null,
        smtpUtf8: false,
        body: '8bitmime',
      },
      content,
      owner: person.organisation,
      account: person.account,
      effectId: hash('sha256', `welcome ${person.account}`, 'buffer').subarray(0, 16),
    }),
  );
}
