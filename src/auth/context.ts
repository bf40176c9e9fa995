import type { Registry } from "prom-client";
import { createBackground } from "../accounts/background.ts";
import type { AccountsContext } from "../accounts/context.ts";
import { createDecide } from "../accounts/decide.ts";
import { describeError } from "../accounts/describe-error.ts";
import { type Logger, SILENT } from "../accounts/logger.ts";
import { createRenewals } from "../accounts/renewals.ts";
import type { UsersTable } from "../accounts/users-table.ts";
import type { Configuration } from "../config/schema.ts";
import type { AdminKey } from "../http/admin-key.ts";
import type { Mailer } from "../mail/mailer.ts";
import type { MailSettings } from "../mail/settings.ts";
import type { GraftState } from "../migration/assert-grafted.ts";
import type { Passwords } from "../passwords/passwords.ts";
import { countBreachChecks } from "../passwords/policy/metrics.ts";
import type { Pool } from "../postgres/client.ts";
import { createThrottle } from "../throttling/create-throttle.ts";
import { createAccessTokens } from "../tokens/access-token.ts";
import { createDeviceTokens } from "../tokens/device-tokens.ts";
import { createRefreshTokens } from "../tokens/refresh-tokens.ts";
import { followDatabase } from "../tokens/revocations/follow-database.ts";
import { createSealedTexts } from "../tokens/sealed-text.ts";
import { deriveKey, type Secrets } from "../tokens/secret.ts";
import type { SigningKeys } from "../tokens/signing-keys.ts";
import type { AuthOptions } from "./options.ts";

/** What was settled before anything was opened. */
export interface Settled {
  readonly adminKey: AdminKey;
  readonly configuration: Configuration;
  readonly secrets: Secrets;
  readonly pool: Pool;
  /** Null where no mail can be sent. */
  readonly mail: MailSettings | null;
}

/** What was opened before the use cases are put together. */
export interface Opened extends Settled {
  readonly state: GraftState;
  readonly table: UsersTable;
  readonly passwords: Passwords;
  readonly register: Registry;
  readonly keys: SigningKeys;
  readonly mailer: Mailer;
}

/** No token outlives a session that nobody uses. */
function tokenSettings({ tokens, sessions }: Configuration): Configuration["tokens"] {
  const { idleSeconds, lifetimeSeconds } = sessions;
  return { ...tokens, lifetimeSeconds: Math.min(tokens.lifetimeSeconds, idleSeconds, lifetimeSeconds) };
}

/** Puts together what every use case works with. */
export function createContext(
  { database, logger = SILENT, now = Date.now }: AuthOptions,
  { configuration, secrets, pool, state, table, passwords, register, keys, mailer }: Opened,
): AccountsContext {
  const rehash = configuration.passwords.rehash ?? (state.hadPasswordHashes ? "never" : "on-login");
  return {
    ...{ pool, table, configuration, passwords, logger, now },
    revocations: followDatabase(typeof database === "string" ? database : pool, configuration, {
      ...{ now, reloadKeys: keys.reload, onTrouble: tellOfTrouble(logger) },
    }),
    decide: createDecide(pool, table),
    tokens: createAccessTokens(keys, tokenSettings(configuration), now),
    refreshTokens: createRefreshTokens(secrets),
    sealedTexts: createSealedTexts(secrets, "texts"),
    devices: createDeviceTokens(secrets, now),
    background: createBackground(logger),
    mailer,
    throttle: createThrottle({
      ...{ pool, configuration, register, key: deriveKey(secrets[0], "rate limits") },
      onTrouble: (error) => logger.warn({ error: describeError(error) }, "an attempt could not be put back"),
    }),
    observeBreachCheck: countBreachChecks(register),
    renewals: createRenewals({ pool, table, passwords, rehash, logger }),
  };
}

function tellOfTrouble(logger: Logger): (error: unknown) => void {
  return (error) => {
    if (error === null) logger.info({}, "what is revoked is followed again");
    else logger.error({ error: describeError(error) }, "what is revoked cannot be followed just now");
  };
}
