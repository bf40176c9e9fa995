import type { TestAuth } from "./auth.ts";
import { eventually } from "./eventually.ts";
import type { TestDatabase } from "./postgres.ts";

/** A mail as the outbox of a server in development shows it. */
export interface TestMail {
  readonly id: string;
  readonly kind: string;
  readonly language: string;
  readonly to: string;
  readonly subject: string;
  readonly link: string | null;
  readonly text: string;
}

/** All mails to an address that have gone out, the latest first; the address as it is written. */
export async function mailsTo(auth: TestAuth, to: string): Promise<readonly TestMail[]> {
  const { body } = await auth.get("/dev/outbox", { headers: { accept: "application/json" } });
  return body.mails.filter((mail: TestMail) => mail.to === to);
}

/** The latest mail of that kind to an address; waits until so many have come. */
export async function mailTo(auth: TestAuth, to: string, kind: string, count = 1): Promise<TestMail> {
  const ofKind = async () => (await mailsTo(auth, to)).filter((mail) => mail.kind === kind);
  await eventually(async () => (await ofKind()).length).toBe(count);
  const [latest] = await ofKind();
  if (latest === undefined) throw new Error("no such mail");
  return latest;
}

/** The token in a mail's link. */
export function tokenOf({ link }: TestMail): string {
  const [, token] = /#token=(ago_[\w-]{43})$/.exec(link ?? "") ?? [];
  if (token === undefined) throw new Error(`no token in ${link}`);
  return token;
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
