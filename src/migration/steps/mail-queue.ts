import { tableStep } from "../table-step.ts";
import { MAIL_QUEUE } from "../tables.ts";

/** Mail that waits to be sent: for so short a time that it is no loss, and what it links to goes with the graft. */
export const mailQueueStep = tableStep({
  id: "mail-queue",
  table: MAIL_QUEUE,
  reason: "A mail is sent when what it tells of is committed, and tried again when it could not be sent.",
});
