import { expect } from "vitest";
import type { MailKind } from "../../src/config/own-functions.ts";
import type { TestAuth } from "./auth.ts";
import { eventually } from "./eventually.ts";
import type { TestDatabase } from "./postgres.ts";

/** A mail as the development outbox shows it. */
export interface SentMail {
  readonly id: string;
  readonly subject: string;
  readonly kind: MailKind;
  readonly to: string;
  readonly language: string;
  readonly link: string | null;
  readonly text: string;
  readonly html: string;
}

/** A server that can be asked for its outbox. */
type Asked = Pick<TestAuth, "get">;

/** What was sent, the oldest first; by a server whose configuration is for development. */
export async function sentMails(auth: Asked): Promise<readonly SentMail[]> {
  const { body } = await auth.get("/dev/outbox", { headers: { accept: "application/json" } });
  return body.mails.toReversed();
}

/** Waits until so many mails of a kind have gone to an address, and returns the last of them. */
export async function mailTo(auth: Asked, to: string, kind: MailKind, count = 1): Promise<SentMail> {
  const look = async () => (await sentMails(auth)).filter((mail) => mail.to === to && mail.kind === kind);
  await eventually(async () => (await look()).length).toBeGreaterThanOrEqual(count);
  const mails = await look();
  expect(mails).toHaveLength(count);
  return mails.at(-1) as SentMail;
}

/** All mails to an address that have gone out, the latest first; the address as it is written. */
export async function mailsTo(auth: Asked, to: string): Promise<readonly SentMail[]> {
  return (await sentMails(auth)).filter((mail) => mail.to === to).toReversed();
}

/** The token in a link. */
export function tokenIn(link: string | null): string {
  const [, token] = /#token=(ago_[\w-]{43})$/.exec(link ?? "") ?? [];
  if (token === undefined) throw new Error(`no token in ${link}`);
  return token;
}

/** The token in a mail's link. */
export function tokenOf({ link }: SentMail): string {
  return tokenIn(link);
}

/** Waits until nothing is in the queue any more: what has not come by then does not come. */
export async function untilSent(database: TestDatabase): Promise<void> {
  const waiting = async () => {
    const { rows } = await database.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM authgraft.mail_queue",
    );
    return rows[0]?.count;
  };
  await eventually(waiting).toBe(0);
}

/** Asks for a link to set a new password by, and returns its token. */
export async function askForReset(auth: TestAuth, email: string, count = 1): Promise<string> {
  await auth.post("/v1/auth/forgot-password", { email });
  return tokenIn((await mailTo(auth, email, "reset-password", count)).link);
}
