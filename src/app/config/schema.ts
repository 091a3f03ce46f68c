/**
 * The config file, described once: this schema checks it, explains it and
 * gives its defaults. It holds only what must be known before the store is
 * open; everything else is set with the admin commands. A setting without a
 * reason in its description does not belong here.
 */
import type { Static } from 'typebox';
import { Type } from './schema-words.ts';

const closed = { additionalProperties: false } as const;
const Port = (description: string, more: Readonly<{ default?: number }> = {}) =>
  Type.Integer({ minimum: 1, maximum: 65_535, description, ...more });
const Text = (description: string, more: Readonly<{ default?: string }> = {}) =>
  Type.String({ minLength: 1, maxLength: 4_096, description, ...more });

/** Listeners and relays are lists a person writes by hand. */
const LIST_LIMIT = 1_000;

const Listen = Type.Object(
  {
    protocol: Type.Enum(['smtp', 'submission', 'submissions', 'imap', 'imaps', 'http', 'https'], {
      description: 'What is spoken here. A final s means TLS from the first byte; the others offer STARTTLS.',
    }),
    host: Type.Optional(Text('The address to listen on; "::" is every address, IPv4 too.', { default: '::' })),
    port: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      examples: [25],
      description: 'The TCP port; 0 takes any free one, which `eigenpost status` shows.',
    }),
    sign_in_without_tls: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Passwords may pass in clear. Only on a loopback address, for tests and for a proxy on this machine that does the TLS.',
      }),
    ),
  },
  { ...closed, description: 'One [[listen]] per port. Without any: smtp 25, submissions 465, submission 587, imaps 993.' },
);

const Relay = Type.Object(
  {
    domain: Text('A domain we accept mail for and pass on.'),
    to: Text('Where its mail goes: "host:port", or "discard" to take it and throw it away (for load tests).'),
  },
  { ...closed, description: 'Domains that live on another server, for which this one is a gateway or a backup MX.' },
);

const Tls = Type.Object(
  {
    certificate_file: Text('The certificate with its chain, PEM.'),
    key_file: Text('Its private key, PEM.'),
  },
  { ...closed, description: 'Without it the server makes a certificate of its own, which mail apps will question.' },
);

const Resolver = Type.Object(
  {
    address: Text('The address of a DNS resolver that checks DNSSEC; one on this machine is best.'),
    port: Type.Optional(Port('Its port.', { default: 53 })),
  },
  { ...closed, description: 'Without it the resolvers of /etc/resolv.conf are asked.' },
);

const Limits = Type.Object(
  {
    message_size: Type.Optional(
      Type.Integer({
        minimum: 65_536,
        maximum: 1_073_741_824,
        default: 52_428_800,
        description: 'Octets of the largest message; larger ones are refused at once (SMTP SIZE).',
      }),
    ),
    connections: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        default: 10_000,
        description: 'Open connections per listener; an idle one with TLS takes about 50 kB.',
      }),
    ),
    connections_per_address: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        default: 100,
        description: 'Open connections from one address: a whole school may come from one.',
      }),
    ),
    minimum_password: Type.Optional(
      Type.Integer({
        minimum: 8,
        maximum: 64,
        default: 15,
        description: 'Characters of the shortest password that may be chosen; 15 where it is the only factor (NIST SP 800-63B-4).',
      }),
    ),
  },
  { ...closed, description: 'Bounds that a larger or smaller house may want otherwise.' },
);

const Smarthost = Type.Object(
  {
    host: Text('The server that takes all our outgoing mail.'),
    port: Type.Optional(Port('Its port.', { default: 587 })),
    tls: Type.Optional(
      Type.Enum(['implicit', 'required', 'opportunistic', 'none'], {
        default: 'required',
        description: '`implicit` is TLS from the first byte (port 465); `required` is STARTTLS or nothing.',
      }),
    ),
    ca_file: Type.Optional(
      Text(
        'The authority that vouches for the smarthost, PEM, where that is not one of the well-known ones; those are not believed then. Or the smarthost’s own certificate, where it signed itself.',
      ),
    ),
    user: Type.Optional(Text('The name to sign in with there.')),
    password_file: Type.Optional(Text('A file with the password; it is never written in this file.')),
  },
  { ...closed, description: 'For networks that may not send on port 25. Without it mail goes straight to the recipients’ servers.' },
);

const Retry = Type.Object(
  {
    minutes: Type.Optional(
      Type.Array(Type.Number({ minimum: 0.01, maximum: 10_080 }), {
        minItems: 1,
        maxItems: 50,
        default: [1, 4, 10, 15, 30, 60, 120, 240],
        description: 'Waits after each failed try, in minutes; the last repeats.',
      }),
    ),
    delay_notice_minutes: Type.Optional(
      Type.Number({
        minimum: 0.01,
        maximum: 10_080,
        default: 60,
        description: 'When mail has waited this long the sender is told, once; after ordinary greylisting is over.',
      }),
    ),
    give_up_hours: Type.Optional(
      Type.Number({
        minimum: 0.001,
        maximum: 168,
        default: 120,
        description: 'After this long the sender gets the message back (RFC 5321 §4.5.4.1 asks four to five days).',
      }),
    ),
  },
  { ...closed, description: 'When mail that could not be delivered is tried again.' },
);

const Outbound = Type.Object(
  {
    mx_port: Type.Optional(Port('The port of other people’s mail servers. 25; anything else is for a laboratory.', { default: 25 })),
    private_addresses: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'An MX record may lead to a loopback or private address. Off, because anybody can write such a record and make us knock inside your network; on for a laboratory.',
      }),
    ),
  },
  { ...closed, description: 'How mail leaves, where that is not the internet’s usual way.' },
);

const Source = Type.Object(
  {
    ipv4: Type.Optional(Text('Our own IPv4 address to send from.')),
    ipv6: Type.Optional(Text('Our own IPv6 address to send from.')),
  },
  { ...closed, description: 'For machines with several addresses, of which one has the good name.' },
);

export const ConfigSchema = Type.Object(
  {
    host_name: Type.Optional(
      Text('The name other servers know us by; its reverse DNS should say the same. Without it, the machine’s own full name.'),
    ),
    data: Type.Optional(Text('The folder that holds everything: back this up.', { default: '/var/lib/eigenpost' })),
    root_key_file: Type.Optional(
      Text(
        '32 random bytes that open the data folder, kept apart from it: without this file a stolen disk is noise. Made when absent; the systemd credential root.key goes first. Without it: beside the data folder, with .key after its name.',
      ),
    ),
    listen: Type.Optional(Type.Array(Listen, { maxItems: LIST_LIMIT })),
    tls: Type.Optional(Tls),
    resolver: Type.Optional(Resolver),
    limits: Type.Optional(Limits),
    relay: Type.Optional(Type.Array(Relay, { maxItems: LIST_LIMIT })),
    smarthost: Type.Optional(Smarthost),
    retry: Type.Optional(Retry),
    outbound: Type.Optional(Outbound),
    source: Type.Optional(Source),
  },
  closed,
);

/** The file as written, once it fits the schema. */
export type ConfigFile = Static<typeof ConfigSchema>;
