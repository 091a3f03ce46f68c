/** How long an outgoing session waits for what (RFC 5321 §4.5.3.2), in milliseconds. */
export type Timeouts = Readonly<Record<keyof typeof TIMEOUTS_MS, number>>;

export const TIMEOUTS_MS = {
  /** The RFC names none; a SYN unanswered for so long is a firewall. */
  connect: 30_000,
  handshake: 60_000,
  greeting: 300_000,
  ehlo: 300_000,
  starttls: 120_000,
  auth: 120_000,
  mail: 300_000,
  rcpt: 300_000,
  data: 120_000,
  /** §4.5.3.2.5: for each piece of content to leave. */
  block: 180_000,
  /** §4.5.3.2.6: after the final dot. Giving up sooner makes duplicates. */
  content: 600_000,
  /** The message is through; nobody waits long for a goodbye. */
  quit: 5_000,
  /** A connection with nothing to do. Few servers mind so little. */
  idle: 8_000,
  /** A whole message, whatever dribbles in: 50 MB at 10 kB/s take an hour and a half. */
  message: 7_200_000,
};
