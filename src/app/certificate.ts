/** The certificate we show: from the config's files, read again on reload, or one of our own making. */
import { X509Certificate } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { serverContext } from '../adapter/tls/profile.ts';
import type { Dice } from '../core/ports/dice.ts';
import type { TlsOffer } from '../edge/net/tls-session.ts';
import type { Config } from './config/config.ts';
import { readTlsFiles } from './config/tls-files.ts';
import { StartFault } from './start-fault.ts';

/** `reload` throws a StartFault and keeps the old certificate when the new one cannot be used. */
export type ReloadingOffer = TlsOffer & Readonly<{ fingerprint(): string; reload(): void }>;

type Shown = Readonly<{ context: SecureContext; fingerprint: string }>;

export const fixedOffer = (context: SecureContext): TlsOffer => ({ context: () => context, contextFor: () => context });

function fromFiles(files: NonNullable<Config['tls']>): Shown {
  const read = readTlsFiles(files, Date.now());
  if (read.ok) return read;
  throw new StartFault(read.faults.map(({ what, remedy }) => `${what} ${remedy}`).join(' '));
}

async function ownMade(hostName: string, dice: Dice): Promise<Shown> {
  // Loaded only where one is made: it brings a library that a server with a real certificate never needs.
  const { selfMadeAuthority } = await import('../adapter/tls/self-made.ts');
  const serial = (): string => `01${Buffer.from(dice.bytes(12)).toString('hex')}`;
  const authority = await selfMadeAuthority({ name: `${hostName} (self-made)`, now: Date.now(), serial });
  const pair = await authority.issue([hostName, 'localhost', '127.0.0.1']);
  return { context: serverContext(pair), fingerprint: new X509Certificate(pair.certificate).fingerprint256 };
}

export async function openCertificate(config: Config, dice: Dice): Promise<ReloadingOffer> {
  const { tls } = config;
  let shown = tls === null ? await ownMade(config.hostName, dice) : fromFiles(tls);
  return {
    context: () => shown.context,
    contextFor: () => shown.context,
    fingerprint: () => shown.fingerprint,
    reload: () => {
      if (tls !== null) shown = fromFiles(tls);
    },
  };
}
