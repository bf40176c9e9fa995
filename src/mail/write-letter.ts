import type { MailDetails, MailKind, WrittenMail } from "../config/own-functions.ts";
import { languageOf } from "./languages.ts";
import { layOut } from "./layout.ts";
import { plainText } from "./plain-text.ts";

/** Writes a mail in the words that come with the package. */
export function writeLetter(kind: MailKind, details: MailDetails, tag: string): WrittenMail {
  const language = languageOf(tag);
  const application = plainText(details.application);
  const newEmail = details.newEmail === undefined ? null : plainText(details.newEmail);
  const { subject, before, action, after } = language.mails[kind]({ application, newEmail });
  const { link, linkSeconds } = details;
  const lasts = link === undefined || linkSeconds === undefined ? [] : [lasting(language.code, linkSeconds)];
  return layOut({
    language: language.code,
    subject,
    greeting: language.greeting(addressed(details.name)),
    before,
    link:
      link === undefined ? null : { url: link, action: action ?? language.anyLink, copy: language.copyLink },
    after: [...lasts.map((duration) => language.linkLasts(duration)), ...after],
    footer: language.footer(application),
  });
}

const NAME_LENGTH = 60;

/**
 * How a person is greeted, if at all: who registers with somebody else's address must not have us send them an
 * advertisement in place of a name.
 */
function addressed(name: string | undefined): string | null {
  const plain = plainText(name ?? "");
  if (plain === "" || [...plain].length > NAME_LENGTH) return null;
  // Full-width letters, digits and dots are read, and followed by browsers, as the plain ones are.
  const read = plain.normalize("NFKC").replaceAll("。", ".");
  return ADVERTISING.test(read) || NUMBER.test(read) ? null : plain;
}

/** An address of a page or of a mailbox, or a part of one. */
const ADVERTISING = /[/:@<>\\]|[\p{L}\p{N}]\s?\.[\p{L}\p{N}]|www/iu;

/** As many digits as a telephone number has, however they are set apart. */
const NUMBER = /(?:\p{N}[^\p{L}\p{N}]{0,3}){5}/u;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `45 minutes`, `24 hours`, `7 days`. */
function lasting(language: string, seconds: number): string {
  if (seconds >= 2 * DAY && seconds % DAY === 0) return unit(language, "day", seconds / DAY);
  if (seconds >= HOUR && seconds % HOUR === 0) return unit(language, "hour", seconds / HOUR);
  return unit(language, "minute", Math.max(1, Math.floor(seconds / MINUTE)));
}

function unit(language: string, name: "day" | "hour" | "minute", count: number): string {
  return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(count);
}
