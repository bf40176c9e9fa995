import type { Deliver, Delivery, Message } from "./message.ts";
import type { MailFigures } from "./metrics.ts";
import type { Logger, SealedTexts, Writing } from "./parts.ts";
import type { Queue, QueuedMail } from "./queue.ts";
import { EN } from "./templates/en.ts";
import { type Occasion, writeMail } from "./write-mail.ts";

/** A mail as it is sealed into the queue. */
export interface SealedMail extends Occasion {
  readonly to: string;
}

/** What sending works with. */
export interface SendingParts {
  readonly queue: Queue;
  readonly sealedTexts: SealedTexts;
  readonly writing: Writing;
  readonly deliver: Deliver;
  readonly figures: MailFigures;
  readonly logger: Logger;
  /** Between 0 and 1. */
  readonly random: () => number;
}

/** Sends a mail that was claimed, and settles what becomes of its row. */
export async function sendQueued(
  parts: SendingParts,
  queued: QueuedMail,
  signal: AbortSignal,
): Promise<void> {
  const mail = await unseal(parts.sealedTexts, queued);
  const delivery = mail === null ? UNREADABLE : await attempt(parts, queued, mail, signal);
  const told = { mail: queued.id, kind: mail?.kind ?? null, attempts: queued.attempts };
  if (delivery.outcome === "sent") return settleSent(parts, queued, told);
  if (signal.aborted) return parts.queue.postpone(queued, 0);
  return settleFailed(parts, queued, delivery, told);
}

/** Sealed under another secret, or by a version that knows more kinds: a server that is set up otherwise may have it. */
const UNREADABLE: Delivery = { outcome: "failed", reason: { code: "unreadable" } };

async function unseal(sealedTexts: SealedTexts, { sealed }: QueuedMail): Promise<SealedMail | null> {
  const text = await sealedTexts.open(sealed);
  if (text === null) return null;
  const mail = JSON.parse(text) as SealedMail;
  return Object.hasOwn(EN.mails, mail.kind) ? mail : null;
}

async function attempt(
  { writing, deliver, logger }: SendingParts,
  { id, queuedAt }: QueuedMail,
  mail: SealedMail,
  signal: AbortSignal,
): Promise<Delivery> {
  const { kind, language, to, details } = mail;
  const written = await writeMail(mail, writing, logger);
  const message: Message = {
    id,
    queuedAt,
    kind,
    language,
    to,
    from: writing.from,
    link: details.link ?? null,
    ...written,
  };
  return deliver(message, signal);
}

async function settleSent({ queue, figures, logger }: SendingParts, queued: QueuedMail, told: object) {
  figures.sent();
  logger.info(told, "a mail was sent");
  await queue.remove(queued);
}

async function settleFailed(
  { queue, figures, logger, random }: SendingParts,
  queued: QueuedMail,
  { outcome, reason }: Exclude<Delivery, { outcome: "sent" }>,
  told: object,
): Promise<void> {
  const delay = pauseAfter(queued.attempts, random);
  if (outcome === "refused" || delay >= queued.remaining) {
    await queue.remove(queued);
    figures.failed("given_up");
    logger.error({ ...told, reason }, "a mail could not be sent, and was given up");
    return;
  }
  await queue.postpone(queued, delay);
  figures.failed("retry");
  logger.warn({ ...told, reason, again_in_seconds: Math.round(delay) }, "a mail could not be sent just now");
}

const SHORTEST = 60;
const LONGEST = 3_600;

/** Seconds: about a minute, and twice as long each time, so that servers which were refused together come apart. */
function pauseAfter(attempts: number, random: () => number): number {
  return Math.min(LONGEST, SHORTEST * 2 ** Math.min(attempts - 1, 10)) * (0.75 + 0.5 * random());
}
