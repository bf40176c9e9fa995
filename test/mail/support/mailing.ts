import { Registry } from "prom-client";
import { onTestFinished } from "vitest";
import { describeError } from "../../../src/accounts/describe-error.ts";
import { guardPool } from "../../../src/accounts/guarded-pool.ts";
import { parseConfiguration } from "../../../src/config/parse.ts";
import type { ConfigurationInput } from "../../../src/config/schema.ts";
import { createMailer, type MailerParts, type Mailing } from "../../../src/mail/create-mailer.ts";
import type { Mail } from "../../../src/mail/mailer.ts";
import { readMailSettings } from "../../../src/mail/settings.ts";
import { withTransaction } from "../../../src/postgres/transaction.ts";
import { createSealedTexts } from "../../../src/tokens/sealed-text.ts";
import { requireSecrets } from "../../../src/tokens/secret.ts";
import { TEST_SECRET } from "../../support/auth.ts";
import type { TestDatabase } from "../../support/postgres.ts";

export const LINK = "https://shop.example.com/account/reset-password#token=ago_canary-of-a-link";

/** A mail with a link, to somebody. */
export const RESET: Mail = {
  kind: "reset-password",
  to: "ada@example.com",
  details: { link: LINK, linkSeconds: 3_600, name: "Ada" },
};

/** A mailer on a test database, what it logged, and what it can be asked in a test. */
export interface TestMailing extends Mailing {
  readonly logs: readonly string[];
  /** Queues mails in one transaction, and wakes the mailer afterwards as use cases do. */
  send(...mails: Mail[]): Promise<void>;
  figures(): Promise<string>;
}

export interface TestMailingOptions extends Partial<MailerParts> {
  readonly configuration?: ConfigurationInput;
  readonly url?: string;
  readonly secrets?: readonly string[];
}

/** Opens a mailer that ends with the test; it looks into the queue often. */
export function openMailing(
  database: TestDatabase,
  { configuration = {}, url, secrets = [TEST_SECRET], ...parts }: TestMailingOptions = {},
): TestMailing {
  const mail = { from: "Shop <no-reply@shop.example.com>", application: "Shop", ...configuration.mail };
  const settings = readMailSettings(parseConfiguration({ ...configuration, mail }), url);
  if (settings === null) throw new TypeError("neither a mail server nor an outbox");
  const logs: string[] = [];
  const log = (details: object, message: string) => void logs.push(JSON.stringify({ ...details, message }));
  const register = new Registry();
  const pool = guardPool(database.pool());
  const mailing = createMailer({
    ...{ settings, pool, schema: "authgraft", register, describeError, interval: 100 },
    sealedTexts: createSealedTexts(requireSecrets(secrets), "texts"),
    logger: { info: log, warn: log, error: log },
    ...parts,
  });
  onTestFinished(() => mailing.mailer.stop());
  const { mailer } = mailing;
  const send = async (...mails: Mail[]) => {
    await withTransaction(pool, async (client) => {
      for (const one of mails) await mailer.enqueue(client, one);
    });
    mailer.wake();
  };
  return { ...mailing, logs, send, figures: () => register.metrics() };
}

/** How many mails wait. */
export async function queued(database: TestDatabase): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    "SELECT count(*)::int4 AS count FROM authgraft.mail_queue",
  );
  return rows[0]?.count ?? -1;
}

/** Lets the time pass until what waits is due again. */
export async function letTimePass(database: TestDatabase): Promise<void> {
  await database.query("UPDATE authgraft.mail_queue SET next_attempt_at = now()");
}
