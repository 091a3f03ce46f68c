/** What an operator can put right: told as a sentence, without a stack. */
export class StartFault extends Error {}
