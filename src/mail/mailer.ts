import type { MailDetails, MailKind } from "../config/own-functions.ts";

/** A mail that is to be sent. */
export interface Mail {
  readonly kind: MailKind;
  /** The one address it goes to, as it is stored. */
  readonly to: string;
  /** What the request said in `Accept-Language`; the configured default where it said nothing. */
  readonly language?: string | undefined;
  readonly details: Omit<MailDetails, "application">;
}

/** Anything that runs a statement. */
interface Queryable {
  query(text: string, values?: readonly unknown[]): Promise<unknown>;
}

/** Sends mail: what is queued in a transaction goes out after it was committed. */
export interface Mailer {
  /** False where the configuration has no way to send any; `enqueue` throws then. */
  readonly isAvailable: boolean;
  /** Puts a mail into the queue, in the transaction of what it tells of. */
  enqueue(client: Queryable, mail: Mail): Promise<void>;
  /** Looks into the queue now: to be called once what was queued is committed. */
  wake(): void;
  /** Sends nothing more, and waits for what is being sent. */
  stop(): Promise<void>;
}
