import type { SMTPTransportOptions } from "nodemailer/lib/smtp-transport";
import type { Configuration } from "../config/schema.ts";
import { ConfigurationError } from "../errors.ts";
import { readSender } from "./address.ts";
import type { Writing } from "./parts.ts";
import { readSmtpUrl } from "./smtp-url.ts";

/** How mails are written, and where they go. */
export interface MailSettings extends Writing {
  /** Null where they go nowhere but into the outbox. */
  readonly smtp: SMTPTransportOptions | null;
  /** Whether they are kept to be looked at. */
  readonly hasOutbox: boolean;
}

/**
 * Reads what the configuration says of mail; null where it has no way to send any. A URL that is given beside it wins.
 *
 * @throws ConfigurationError `configuration_invalid`.
 */
export function readMailSettings(configuration: Configuration, smtpUrl?: string): MailSettings | null {
  const { mail, publicUrl, development } = configuration;
  const url = smtpUrl || mail.url;
  const given = mail.from === undefined ? null : readSender(mail.from);
  const { host, hostname } = new URL(publicUrl);
  const writing = {
    application: mail.application ?? host,
    ...{ defaultLanguage: mail.defaultLanguage, templates: mail.templates, hasOutbox: development },
  };
  if (url !== undefined) {
    if (given === null) throw fromMissing();
    return { ...writing, from: given, smtp: readSmtpUrl(url) };
  }
  if (!development) return null;
  return { ...writing, from: given ?? { name: "", address: `no-reply@${hostname}` }, smtp: null };
}

function fromMissing(): ConfigurationError {
  return new ConfigurationError("configuration_invalid", 'There is a mail server, and no "mail.from".', {
    fix: 'Say who mails come from: mail: { from: "Shop <no-reply@shop.example.com>" }.',
  });
}
