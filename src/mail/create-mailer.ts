import type { Registry } from "prom-client";
import type { Pool } from "../postgres/client.ts";
import { negotiateLanguage } from "./languages.ts";
import type { Mailer } from "./mailer.ts";
import type { Deliver, Outbox } from "./message.ts";
import { type MailFigures, measureMail } from "./metrics.ts";
import { createOutbox, keepingIn } from "./outbox.ts";
import type { Logger, SealedTexts } from "./parts.ts";
import { openQueue, putIntoQueue, type Queue } from "./queue.ts";
import { sendBySmtp } from "./send-by-smtp.ts";
import { type SealedMail, sendQueued } from "./send-queued.ts";
import type { MailSettings } from "./settings.ts";
import { startWorker, type Worker } from "./worker.ts";

/** What a mailer is made of. */
export interface MailerParts {
  readonly settings: MailSettings;
  readonly pool: Pool;
  /** The schema of the graft. */
  readonly schema: string;
  readonly sealedTexts: SealedTexts;
  readonly logger: Logger;
  readonly register: Registry;
  /** An error as it is logged. */
  readonly describeError: (error: unknown) => object;
  /** Seconds that a server has for a mail before another one may send it; two minutes unless given. */
  readonly lease?: number;
  /** Milliseconds between two looks into the queue, about; five seconds unless given. */
  readonly interval?: number;
  /** Milliseconds that what is being sent has when sending stops; five seconds unless given. */
  readonly grace?: number;
  /** Between 0 and 1; `Math.random` unless given. */
  readonly random?: () => number;
}

/** A mailer, and where its mails may be looked at: null unless the configuration is for development. */
export interface Mailing {
  readonly mailer: Mailer;
  readonly outbox: Outbox | null;
}

/** Longer than any attempt: the template, the mail server and the database have less, all together. */
const LEASE = 120;
const INTERVAL = 5_000;
const GRACE = 5_000;
const LANES = 5;

/** Seconds that a mail without a link is worth sending, and one with a link at the most. */
const USUAL = 86_400;
const LONGEST = 3 * 86_400;

/**
 * Sends what is queued, at least once each: a mail is in the database until a mail server has taken it, and whoever
 * dies with it in hand leaves it to others. Several servers share the queue.
 */
export function createMailer(parts: MailerParts): Mailing {
  const { settings, pool, schema, sealedTexts, register } = parts;
  const queue = openQueue(pool, schema, parts.lease ?? LEASE);
  const outbox = settings.hasOutbox ? createOutbox() : null;
  const figures = measureMail(register, queue.count);
  const worker = startSending(parts, queue, figures, deliveryOf(settings, outbox));
  const mailer: Mailer = {
    isAvailable: true,
    async enqueue(client, { kind, to, details, language: header }) {
      const language = negotiateLanguage(header, settings.defaultLanguage);
      const mail: SealedMail = { kind, to, details, language };
      const sealed = await sealedTexts.seal(JSON.stringify(mail));
      const lifetime = Math.min(LONGEST, details.linkSeconds ?? USUAL);
      await putIntoQueue(client, schema, { sealed, lifetime });
    },
    wake: worker.wake,
    stop: worker.stop,
  };
  return { mailer, outbox };
}

function deliveryOf({ smtp }: MailSettings, outbox: Outbox | null): Deliver {
  const bySmtp = smtp === null ? null : sendBySmtp(smtp);
  if (outbox !== null) return keepingIn(outbox, bySmtp);
  if (bySmtp === null) throw new TypeError("mails go by SMTP or into the outbox");
  return bySmtp;
}

function startSending(parts: MailerParts, queue: Queue, figures: MailFigures, deliver: Deliver): Worker {
  const { settings, sealedTexts, logger, describeError, random = Math.random } = parts;
  const sending = { queue, sealedTexts, writing: settings, deliver, figures, logger, random };
  return startWorker({
    claim: queue.claim,
    work: (mail, signal) => sendQueued(sending, mail, signal),
    async onLook() {
      const mails = await queue.dropExpired();
      if (mails === 0) return;
      figures.failed("given_up", mails);
      logger.error({ mails }, "mails could not be sent in time, and were given up");
    },
    onTrouble(error) {
      if (error === null) logger.info({}, "the mail queue is read again");
      else logger.error({ error: describeError(error) }, "the mail queue cannot be read just now");
    },
    ...{ lanes: LANES, interval: parts.interval ?? INTERVAL, grace: parts.grace ?? GRACE, random },
  });
}
