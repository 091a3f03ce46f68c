/** Counts what one peer has had of one connection. Each method is true while it may go on. */
import { CHATTER, ERRORS, FAILED_SIGN_INS, MAILS, RECIPIENTS_NAMED, REFUSED_RECIPIENTS } from './server-limits.ts';

export class ServerTally {
  #mails = 0;
  #chatter = 0;
  #mistakes = 0;
  #recipients = 0;
  #refusedRecipients = 0;
  #failedSignIns = 0;

  mail(): boolean {
    return ++this.#mails <= MAILS;
  }

  chatter(): boolean {
    return ++this.#chatter <= CHATTER;
  }

  mistake(): boolean {
    return ++this.#mistakes < ERRORS;
  }

  recipient(): boolean {
    return ++this.#recipients <= RECIPIENTS_NAMED;
  }

  refusedRecipient(): boolean {
    return ++this.#refusedRecipients < REFUSED_RECIPIENTS;
  }

  failedSignIn(): boolean {
    return ++this.#failedSignIns < FAILED_SIGN_INS;
  }

  /** Somebody who brings mail may talk on. */
  messageTaken(): void {
    this.#chatter = 0;
    this.#recipients = 0;
    this.#refusedRecipients = 0;
  }
}
