import type { Registry } from "prom-client";
import { describeError } from "../accounts/describe-error.ts";
import { SILENT } from "../accounts/logger.ts";
import { createMailer, type Mailing } from "../mail/create-mailer.ts";
import { NO_MAILER } from "../mail/no-mailer.ts";
import { createSealedTexts } from "../tokens/sealed-text.ts";
import type { Settled } from "./context.ts";
import type { AuthOptions } from "./options.ts";

/** Begins to send what is queued, where the configuration has a way to send mail. */
export function openMailing(
  { logger = SILENT }: AuthOptions,
  { configuration, secrets, pool, mail, register }: Settled & { readonly register: Registry },
): Mailing {
  if (mail === null) return { mailer: NO_MAILER, outbox: null };
  const sealedTexts = createSealedTexts(secrets, "texts");
  return createMailer({
    ...{ settings: mail, pool, schema: configuration.schema, sealedTexts, logger, register, describeError },
  });
}
