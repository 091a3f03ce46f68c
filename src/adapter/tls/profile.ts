/**
 * One TLS profile for everything we listen with: what the Dutch national
 * guideline of 2025 calls good. Measured in design/ux.md §2: Node's
 * defaults would accept CBC suites and SHA-224 signatures.
 */
import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

export type CertificatePair = Readonly<{ /** PEM, leaf first. */ certificate: string /** PEM. */; key: string }>;

const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

const SIGNATURES = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ecdsa_secp521r1_sha512',
  'ed25519',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
].join(':');

export function serverContext(pair: CertificatePair): SecureContext {
  return createSecureContext({
    cert: pair.certificate,
    key: pair.key,
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    sigalgs: SIGNATURES,
    ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  });
}
