import type { Configuration } from "../config/schema.ts";
import type { Mailer } from "../mail/mailer.ts";
import type { Passwords } from "../passwords/passwords.ts";
import type { BreachObserver } from "../passwords/policy/breached.ts";
import type { Pool } from "../postgres/client.ts";
import type { Throttle } from "../throttling/throttle.ts";
import type { AccessTokens } from "../tokens/access-token.ts";
import type { DeviceTokens } from "../tokens/device-tokens.ts";
import type { RefreshTokens } from "../tokens/refresh-tokens.ts";
import type { Revocations } from "../tokens/revocations/revocations.ts";
import type { SealedTexts } from "../tokens/sealed-text.ts";
import type { Background } from "./background.ts";
import type { Decide } from "./decide.ts";
import type { Logger } from "./logger.ts";
import type { Renewals } from "./renewals.ts";
import type { UsersTable } from "./users-table.ts";

/** What every use case works with. */
export interface AccountsContext {
  readonly pool: Pool;
  readonly table: UsersTable;
  readonly configuration: Configuration;
  readonly passwords: Passwords;
  readonly tokens: AccessTokens;
  readonly refreshTokens: RefreshTokens;
  readonly revocations: Revocations;
  /** Decides about a token by what stands in the database now. */
  readonly decide: Decide;
  readonly renewals: Renewals;
  readonly background: Background;
  readonly mailer: Mailer;
  readonly throttle: Throttle;
  /** Which devices an account has signed in on before. */
  readonly devices: DeviceTokens;
  /** What is kept sealed in the database until it is needed again. */
  readonly sealedTexts: SealedTexts;
  readonly logger: Logger;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** Told what came of each look-up of breached passwords, for metrics. */
  readonly observeBreachCheck?: BreachObserver;
}
