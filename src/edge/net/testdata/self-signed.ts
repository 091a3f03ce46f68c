/** A certificate for tests, made on the spot (P-256, valid for a day), as a TlsOffer and as what a client must trust. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { TlsOffer } from '../tls-session.ts';

const DAY_MS = 86_400_000;

export type TestCertificate = TlsOffer & Readonly<{ pem: string }>;

/** One DER element: tag, length, content. */
function der(tag: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const time = (at: number): Buffer => der(0x17, `${new Date(at).toISOString().slice(2, 19).replaceAll(/[-T:]/g, '')}Z`);

const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'));
const COMMON_NAME = objectId('550403');
const SUBJECT_ALT_NAME = objectId('551d11');

export function selfSigned(name = 'mail.example'): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const who = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, name))));
  const altName = sequence(SUBJECT_ALT_NAME, der(0x04, sequence(der(0x82, name))));
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    who,
    sequence(time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    who,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(altName)),
  );
  const certificate = sequence(toSign, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), sign('sha256', toSign, privateKey)));
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replaceAll(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
  const context = createSecureContext({ cert: pem, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) });
  return { pem, context: () => context, contextFor: () => undefined };
}
