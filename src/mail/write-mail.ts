import type { MailDetails, MailKind, WrittenMail } from "../config/own-functions.ts";
import { inTime } from "./in-time.ts";
import type { Logger, Writing } from "./parts.ts";
import { writeLetter } from "./write-letter.ts";

/** Milliseconds that an application's own template has. */
const PATIENCE = 5_000;

/** What a mail is written from. */
export interface Occasion {
  readonly kind: MailKind;
  readonly language: string;
  readonly details: Omit<MailDetails, "application">;
}

/**
 * Writes a mail: in the application's own words where it has some, in ours where it has none, or fails. A link
 * that somebody waits for is not kept back by a fault in how it was to look.
 */
export async function writeMail(
  { kind, language, details }: Occasion,
  { application, templates }: Pick<Writing, "application" | "templates">,
  logger: Logger,
): Promise<WrittenMail> {
  const whole = { ...details, application };
  if (templates === undefined) return writeLetter(kind, whole, language);
  try {
    const written = await inTime(PATIENCE, (async () => templates(kind, whole, language))());
    return written === null ? writeLetter(kind, whole, language) : checked(written);
  } catch (error) {
    logger.error({ kind, language, error: placeOf(error) }, "mail.templates failed: sent in our own words");
    return writeLetter(kind, whole, language);
  }
}

/** Plain JavaScript may answer anything. */
function checked({ subject, text, html }: WrittenMail): WrittenMail {
  const isWhole = [subject, text, html].every((part) => typeof part === "string" && part !== "");
  if (!isWhole) throw new TypeError("a mail is subject, text and html");
  return { subject, text, html };
}

/** Where it failed, without the message: that may hold what the template was given, the link among it. */
function placeOf(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return { name: error.name, stack: frames.map((line) => line.trim()) };
}
