import type { MailKind, WrittenMail } from "../config/own-functions.ts";

/** Who mails come from. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

/** A mail that is written, for one person. */
export interface Message extends WrittenMail {
  /** The same at every attempt, so that one that arrives twice is known to be one. */
  readonly id: string;
  readonly kind: MailKind;
  readonly language: string;
  readonly from: Sender;
  readonly to: string;
  readonly link: string | null;
  /** Milliseconds since 1970. */
  readonly queuedAt: number;
}

/** What is known of a failure, without an address, a link or a credential. */
export type Reason = Readonly<Record<string, string | number>>;

/** What came of an attempt: `refused` is for good, `failed` may go well another time. */
export type Delivery =
  | { readonly outcome: "sent" }
  | { readonly outcome: "refused" | "failed"; readonly reason: Reason };

/** Takes a message to where it goes; aborted by the signal, it has failed. */
export type Deliver = (message: Message, signal: AbortSignal) => Promise<Delivery>;

/** Where mails are kept to be looked at, while an application is being developed. */
export interface Outbox {
  add(message: Message): void;
  /** The newest first. */
  list(): readonly Message[];
}
