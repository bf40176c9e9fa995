import type { Step } from "./step.ts";
import { accountsStep } from "./steps/accounts.ts";
import { auditLogStep } from "./steps/audit-log.ts";
import { closeExposuresStep } from "./steps/close-exposures.ts";
import { foreignKeysStep } from "./steps/foreign-keys.ts";
import { graftSchemaStep } from "./steps/graft-schema.ts";
import { mailQueueStep } from "./steps/mail-queue.ts";
import { oneTimeTokensStep } from "./steps/one-time-tokens.ts";
import { rateLimitsStep } from "./steps/rate-limits.ts";
import { revocationFeedStep } from "./steps/revocation-feed.ts";
import { revocationsStep } from "./steps/revocations.ts";
import { revokedTokensStep } from "./steps/revoked-tokens.ts";
import { serverRoleStep } from "./steps/server-role.ts";
import { sessionsStep } from "./steps/sessions.ts";
import { signingKeysStep } from "./steps/signing-keys.ts";
import { usersColumnsStep } from "./steps/users-columns.ts";
import { usersEmailConstraintStep } from "./steps/users-email-constraint.ts";
import { usersEmailIndexStep } from "./steps/users-email-index.ts";

/** Every step, in the order in which `up` takes them; `down` goes the other way. */
export const STEPS: readonly Step[] = [
  graftSchemaStep,
  usersColumnsStep,
  usersEmailIndexStep,
  usersEmailConstraintStep,
  revokedTokensStep,
  accountsStep,
  sessionsStep,
  signingKeysStep,
  auditLogStep,
  oneTimeTokensStep,
  mailQueueStep,
  rateLimitsStep,
  revocationsStep,
  revocationFeedStep,
  foreignKeysStep,
  closeExposuresStep,
  serverRoleStep,
];
