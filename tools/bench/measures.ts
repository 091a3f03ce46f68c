/** What is measured, how much of it, and what the ratios are held against (issue 2, "Speed and memory"). */

/** Who takes part in a measure. */
export type Party = 'ours' | 'bare' | 'postfix' | 'maildir' | 'mdbox';

export type Measure = Readonly<{
  name: string;
  script: 'smtp-load.mjs' | 'e2e.mjs';
  args: readonly (string | number)[];
  /** Where each party's mail goes and how many messages make about three seconds of it. */
  parties: Readonly<Partial<Record<Party, Readonly<{ to: string; messages: number }>>>>;
  /** Ours against each of these, at least. */
  targets: Readonly<Partial<Record<Party, number>>>;
}>;

/** Kept: in a mailbox, sealed, indexed, with its journey. Postfix's part is its own best: into its queue, then dropped. */
const KEPT = 'u{n}@bench.test';
const DROPPED = 'x{n}@discard.test';
const RELAYED = 'x{n}@relay.test';

type Amounts = Readonly<{ ours: number; bare: number; postfix: number }>;

const accept = (size: '4 KiB' | '50 KiB', conns: number, amounts: Amounts): Measure => ({
  name: `accept and keep, ${size}, ${conns} connections`,
  script: 'smtp-load.mjs',
  args: ['--conns', conns, '--size', size === '4 KiB' ? 4_096 : 51_200],
  parties: {
    postfix: { to: DROPPED, messages: amounts.postfix },
    ours: { to: KEPT, messages: amounts.ours },
    bare: { to: KEPT, messages: amounts.bare },
  },
  targets: { postfix: conns === 10 ? 5 : 10, bare: 0.5 },
});

export const MEASURES: readonly Measure[] = [
  accept('4 KiB', 10, { ours: 5_000, bare: 8_000, postfix: 1_500 }),
  accept('4 KiB', 100, { ours: 8_000, bare: 12_000, postfix: 1_500 }),
  accept('50 KiB', 10, { ours: 2_000, bare: 4_000, postfix: 800 }),
  accept('50 KiB', 100, { ours: 2_000, bare: 4_000, postfix: 800 }),
  {
    name: 'from SMTP to visible in IMAP, 4 KiB, 10 connections',
    script: 'e2e.mjs',
    args: ['--mode', 'mailbox', '--conns', 10],
    parties: {
      maildir: { to: KEPT, messages: 800 },
      mdbox: { to: KEPT, messages: 800 },
      ours: { to: KEPT, messages: 5_000 },
    },
    targets: { maildir: 8, mdbox: 8 },
  },
  {
    name: 'queue drained to a sink, 4 KiB, 10 connections',
    script: 'e2e.mjs',
    args: ['--mode', 'queue', '--conns', 10],
    parties: { postfix: { to: RELAYED, messages: 1_500 }, ours: { to: RELAYED, messages: 3_000 } },
    targets: { postfix: 3 },
  },
];

/** A quick look: the shape of the table, not numbers to quote. */
export const QUICK_SHARE = 0.3;
/** Of each load, before it counts. */
export const WARM_UP_SHARE = 0.25;
