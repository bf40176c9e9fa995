import { tableStep } from "../table-step.ts";
import { MAIL_QUEUE } from "../tables.ts";

/** Mail that waits to be sent. */
export const mailQueueStep = tableStep({
  id: "mail-queue",
  table: MAIL_QUEUE,
  reason: "A mail is sent when what it tells of is committed, and tried again when it could not be sent.",
});
