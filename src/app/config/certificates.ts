/** The certificates in a PEM text, for whoever must judge them. */
import { X509Certificate } from 'node:crypto';
import type { PemBlock } from '../../lib/pem.ts';

/** What OpenSSL takes for one. */
const LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);

/** `damaged` is the place of the first that cannot be read, from 1. */
export type Certificates = Readonly<{ ok: true; certificates: readonly X509Certificate[] }> | Readonly<{ ok: false; damaged: number }>;

export const isCertificate = ({ label }: PemBlock): boolean => LABELS.has(label);
export const isPrivateKey = ({ label }: PemBlock): boolean => label.endsWith('PRIVATE KEY');

export function readCertificates(blocks: readonly PemBlock[]): Certificates {
  const certificates: X509Certificate[] = [];
  for (const { text } of blocks.filter(isCertificate)) {
    try {
      certificates.push(new X509Certificate(text));
    } catch {
      return { ok: false, damaged: certificates.length + 1 };
    }
  }
  return { ok: true, certificates };
}

/** Both ends in ms. */
export const expiredAt = ({ validToDate }: X509Certificate, now: number): string | undefined =>
  validToDate.getTime() < now ? day(validToDate) : undefined;
export const notBefore = ({ validFromDate }: X509Certificate, now: number): string | undefined =>
  validFromDate.getTime() > now ? day(validFromDate) : undefined;

const day = (date: Date): string => date.toISOString().slice(0, 10);
