/** What the demo says: on the screen, and in its letter of welcome. */
import type { Language } from '../../service/accounts/accounts.ts';
import type { DemoOptions, DemoReady } from './demo.ts';

const WELCOME: Readonly<Record<Language, Readonly<{ subject: string; text(name: string): string }>>> = {
  en: {
    subject: 'Welcome to mail of your own',
    text: (name) => `Dear ${name},

This is your mailbox. Nothing you do here leaves this computer.

Try writing to these addresses, and then ask for the journey of each message:

  echo@elsewhere.test       answers with your own words
  slow@elsewhere.test       asks to be tried again later
  gone@elsewhere.test       does not exist
  full@elsewhere.test       has no room left
  strict@elsewhere.test     refuses senders who cannot prove who they are
  blocked@elsewhere.test    has our server on a list
  notls@elsewhere.test      cannot keep a secure line
  ooo@elsewhere.test        is out of the office

Every user sees the whole story of each of their messages.
`,
  },
  nl: {
    subject: 'Welkom bij je eigen post',
    text: (name) => `Beste ${name},

Dit is je mailbox. Niets van wat je hier doet verlaat deze computer.

Schrijf eens naar deze adressen, en vraag daarna het verloop van elk bericht op:

  echo@elsewhere.test       antwoordt met je eigen woorden
  slow@elsewhere.test       vraagt om het later nog eens te proberen
  gone@elsewhere.test       bestaat niet
  full@elsewhere.test       heeft geen ruimte meer
  strict@elsewhere.test     weigert afzenders die niet bewijzen wie ze zijn
  blocked@elsewhere.test    heeft onze server op een lijst staan
  notls@elsewhere.test      kan geen veilige verbinding houden
  ooo@elsewhere.test        is niet op kantoor

Iedere gebruiker ziet het hele verhaal van elk eigen bericht.
`,
  },
};

export function welcomeText({
  name,
  language,
}: Readonly<{ name: string; language: Language }>): Readonly<{ subject: string; text: string }> {
  const { subject, text } = WELCOME[language];
  return { subject, text: text(name.split(' ')[0] ?? name) };
}

export function readyText(ready: DemoReady, seconds: number, options: DemoOptions): string {
  const { ports, accounts, host, data } = ready;
  const width = Math.max(...accounts.map(({ address }) => address.length));
  const people = accounts.map(({ address, password, name }) => `    ${address.padEnd(width)}   ${password}   ${name}`);
  const [you] = accounts;
  return `
Ready in ${seconds.toFixed(1)} s. Nothing leaves this computer.

  Mail from outside (SMTP)     ${host}:${ports['smtp']}
  Sending (TLS / STARTTLS)     ${host}:${ports['submissions']} / ${ports['submission']}
  Reading (TLS / STARTTLS)     ${host}:${ports['imaps']} / ${ports['imap']}
  Is it alive?                 http://localhost:${ports['http']}/healthz

  Five people, with their passwords:
${people.join('\n')}

  Try it, in another terminal, in this folder:
    export EIGENPOST_DATA=${forShell(data)}
    printf 'To: gone@elsewhere.test\\nSubject: Hello\\n\\nAre you there?\\n' |
    curl -sSk --crlf --ssl-reqd smtp://${host}:${ports['submission']} -u '${you?.address}:${you?.password}' \\
      --mail-from ${you?.address} --mail-rcpt gone@elsewhere.test -T -
    bin/eigenpost journey list --as ${you?.address}

  ${options.keep ? `The data stays in ${data}.` : 'Ctrl-C stops it and leaves nothing behind.'}

`;
}

/** A path as a shell takes it whole. */
const forShell = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
