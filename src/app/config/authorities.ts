/** A file with the certificates of authorities that we are to believe (`smarthost.ca_file`). */
import type { X509Certificate } from 'node:crypto';
import { pemBlocks } from '../../lib/pem.ts';
import { expiredAt, readCertificates } from './certificates.ts';
import { readSmallFile } from './small-file.ts';

/** `pem` holds certificates and nothing else. */
export type Authorities =
  | Readonly<{ ok: true; pem: string; certificates: readonly X509Certificate[] }>
  | Readonly<{ ok: false; what: string; remedy: string }>;

/** Octets: the list of a whole operating system fits. */
const FILE_LIMIT = 1_048_576;
const BEGIN = 'The file should have the line "-----BEGIN CERTIFICATE-----", for each authority.';

export function readAuthorities(file: string): Authorities {
  const no = (what: string, remedy: string): Authorities => ({ ok: false, what, remedy });
  const read = readSmallFile(file, FILE_LIMIT);
  if (!read.ok) return no(read.what, 'Check the path, and that the user the server runs as may read it.');
  const found = readCertificates(pemBlocks(read.text));
  if (!found.ok) return no(`Certificate ${found.damaged} in ${file} is damaged.`, 'Take it anew from whoever runs that authority.');
  if (found.certificates.length === 0) return no(`${file} holds no certificate in PEM.`, BEGIN);
  return { ok: true, pem: found.certificates.map((certificate) => certificate.toString()).join(''), certificates: found.certificates };
}

/** When the last of them ended, where all have; a day such as 2026-11-23. */
export function allExpiredAt({ certificates }: Extract<Authorities, { ok: true }>, now: number): string | undefined {
  const ends = certificates.map((certificate) => expiredAt(certificate, now));
  return ends.some((end) => end === undefined) ? undefined : ends.toSorted().at(-1);
}
