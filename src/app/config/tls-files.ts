/**
 * The files of [tls], read and judged: shared by `config check`, which only
 * wants to know, and by the server, which shows what it finds. What other
 * people's programs would refuse, but ours can show, is a warning.
 */
import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { serverContext } from '../../adapter/tls/profile.ts';
import { type PemBlock, pemBlocks } from '../../lib/pem.ts';
import { expiredAt, isCertificate, isPrivateKey, notBefore, readCertificates } from './certificates.ts';
import type { Config } from './config.ts';
import type { SchemaFault } from './schema-faults.ts';
import { readSmallFile } from './small-file.ts';

export type TlsFiles =
  | Readonly<{ ok: true; context: SecureContext; fingerprint: string; warnings: readonly SchemaFault[] }>
  | Readonly<{ ok: false; faults: readonly SchemaFault[] }>;

/** Octets of a certificate with its chain, or of a key: a page or two. */
const FILE_LIMIT = 262_144;
const SWAPPED = 'Are certificate_file and key_file swapped?';
const READABLE = 'Check the path, and that the user the server runs as may read it.';

type Names = NonNullable<Config['tls']>;
type Found<T> = Readonly<{ ok: true; value: T; text: string }> | Readonly<{ ok: false; fault: SchemaFault }>;

/** @param now ms; certificates end */
export function readTlsFiles(names: Names, now: number): TlsFiles {
  const certificates = readChain(names.certificateFile);
  const key = readKey(names.keyFile);
  if (!certificates.ok || !key.ok) return { ok: false, faults: [certificates, key].flatMap((found) => (found.ok ? [] : [found.fault])) };
  const [own] = certificates.value;
  if (!own.checkPrivateKey(key.value)) return { ok: false, faults: [misfit(names, certificates.value, key.value)] };
  try {
    const context = serverContext({ certificate: certificates.text, key: key.text });
    return { ok: true, context, fingerprint: own.fingerprint256, warnings: untimely(names.certificateFile, own, now) };
  } catch (error) {
    return { ok: false, faults: [unusable(names, error)] };
  }
}

const aboutCertificate = (what: string, remedy: string): SchemaFault => ({ path: ['tls', 'certificate_file'], what, remedy });
const aboutKey = (what: string, remedy: string): SchemaFault => ({ path: ['tls', 'key_file'], what, remedy });

function readChain(file: string): Found<readonly [X509Certificate, ...X509Certificate[]]> {
  const no = (what: string, remedy: string) => ({ ok: false, fault: aboutCertificate(what, remedy) }) as const;
  const read = readSmallFile(file, FILE_LIMIT);
  if (!read.ok) return no(read.what, READABLE);
  const blocks = pemBlocks(read.text);
  const found = readCertificates(blocks);
  if (!found.ok) return no(`Certificate ${found.damaged} in ${file} is damaged.`, 'Take the whole file anew from whoever issued it.');
  const [own, ...chain] = found.certificates;
  if (own !== undefined) return { ok: true, value: [own, ...chain], text: read.text };
  if (blocks.some(isPrivateKey)) return no(`${file} holds a private key and no certificate.`, SWAPPED);
  return no(
    `${file} holds no certificate in PEM.`,
    'It should have the line "-----BEGIN CERTIFICATE-----", for the server’s own and for each of its chain.',
  );
}

/** PKCS #8, and the older form of OpenSSL. */
const isLocked = ({ label, text }: PemBlock): boolean => label.startsWith('ENCRYPTED') || text.includes('\nProc-Type: 4,ENCRYPTED');

function readKey(file: string): Found<KeyObject> {
  const no = (what: string, remedy: string) => ({ ok: false, fault: aboutKey(what, remedy) }) as const;
  const read = readSmallFile(file, FILE_LIMIT);
  if (!read.ok) return no(read.what, READABLE);
  const blocks = pemBlocks(read.text);
  const block = blocks.find(isPrivateKey);
  if (block === undefined) {
    return blocks.some(isCertificate)
      ? no(`${file} holds a certificate and no private key.`, SWAPPED)
      : no(`${file} holds no private key in PEM.`, 'It should have the line "-----BEGIN PRIVATE KEY-----".');
  }
  if (isLocked(block))
    return no(
      `The key ${file} is locked with a passphrase, which nobody is there to type.`,
      'Write it without: openssl pkey -in OLD -out NEW; then chmod 600 NEW.',
    );
  try {
    return { ok: true, value: createPrivateKey(block.text), text: read.text };
  } catch {
    return no(`The key ${file} is damaged.`, 'Take it anew from where it was made, or have a certificate made with a new key.');
  }
}

function misfit({ certificateFile, keyFile }: Names, certificates: readonly X509Certificate[], key: KeyObject): SchemaFault {
  if (certificates.some((certificate) => certificate.checkPrivateKey(key)))
    return aboutCertificate(
      `The first certificate in ${certificateFile} is not the one that the key ${keyFile} belongs to.`,
      'Put the server’s own certificate first, and its chain behind it.',
    );
  return aboutKey(
    `The key ${keyFile} does not belong to the certificate ${certificateFile}.`,
    'Name the key it was made with, or have a certificate made for this one.',
  );
}

function unusable({ certificateFile, keyFile }: Names, error: unknown): SchemaFault {
  const why = error instanceof Error && 'reason' in error ? String(error.reason) : String(error);
  return aboutCertificate(
    `The certificate ${certificateFile} with the key ${keyFile} cannot be used: ${why}.`,
    'Have one made with ECDSA P-256, or with RSA of 2048 bits or more.',
  );
}

function untimely(file: string, certificate: X509Certificate, now: number): readonly SchemaFault[] {
  const [ended, begins] = [expiredAt(certificate, now), notBefore(certificate, now)];
  const trouble = 'mail apps will warn of it or refuse it.';
  if (ended !== undefined)
    return [
      aboutCertificate(`The certificate ${file} expired on ${ended}: ${trouble}`, 'Renew it; SIGHUP makes a running server read it anew.'),
    ];
  if (begins === undefined) return [];
  return [aboutCertificate(`The certificate ${file} is not valid before ${begins}: ${trouble}`, 'Is the clock of this machine right?')];
}
