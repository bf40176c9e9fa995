import { Registry } from "prom-client";
import { createAccounts } from "./accounts/accounts.ts";
import type { AccountsContext } from "./accounts/context.ts";
import { guardPool } from "./accounts/guarded-pool.ts";
import { SILENT } from "./accounts/logger.ts";
import { watchPopulation } from "./accounts/population-watch.ts";
import { startPurging } from "./accounts/purge.ts";
import type { RevokedToken } from "./accounts/revoked-tokens.ts";
import { describeUsersTable } from "./accounts/users-table.ts";
import { openAdministration } from "./auth/administration.ts";
import { createContext, type Settled } from "./auth/context.ts";
import { openMailing } from "./auth/open-mailing.ts";
import { openPool } from "./auth/open-pool.ts";
import type { AuthOptions } from "./auth/options.ts";
import { parseConfiguration } from "./config/parse.ts";
import type { Configuration } from "./config/schema.ts";
import { createAdminKey } from "./http/admin-key.ts";
import { createApp } from "./http/app.ts";
import { createAuthentication } from "./http/authenticate.ts";
import type { Authenticator } from "./http/authenticator.ts";
import type { CookieSettings } from "./http/cookies.ts";
import { routesOf } from "./http/route-table.ts";
import type { Mailing } from "./mail/create-mailer.ts";
import { readMailSettings } from "./mail/settings.ts";
import { assertGrafted, type GraftState } from "./migration/assert-grafted.ts";
import { openPasswords } from "./passwords/open-passwords.ts";
import type { Pool } from "./postgres/client.ts";
import { within } from "./postgres/share-queries.ts";
import { withTransaction } from "./postgres/transaction.ts";
import type { AccessTokenClaims } from "./tokens/access-claims.ts";
import { measureRevocations } from "./tokens/revocations/metrics.ts";
import { type PublishedFeed, publishFeed } from "./tokens/revocations/published-feed.ts";
import type { Revocations, RevocationsState } from "./tokens/revocations/revocations.ts";
import { requireSecrets } from "./tokens/secret.ts";
import { createSigningKeys, type SigningKeys } from "./tokens/signing-keys.ts";
import { keyStore } from "./tokens/stored-keys.ts";

/** Milliseconds that work in the background has to end. */
const BACKGROUND = 10_000;

/** Sign-in on a grafted users table. */
export interface Auth extends Authenticator {
  /**
   * Answers a request, in any framework that speaks the Fetch API. `address` is where the connection came
   * from, as the framework knows it; without it no address's logins can be kept from filling the queue.
   */
  fetch(request: Request, from?: { readonly address?: string | undefined }): Promise<Response>;
  /**
   * What a valid access token says. Its signature is checked once, everything else in memory each time; what was
   * revoked anywhere is known within `tokens.maxStalenessSeconds`, or the database is asked.
   *
   * @throws SignInError `invalid_token`; where that cannot be decided just now, DatabaseError, or
   *   MigrationError `not_grafted` when the graft was taken out meanwhile.
   */
  verify(token: string): Promise<AccessTokenClaims>;
  /** Reads one revocation by its `jti`, with the user whose token it was; null where there is none. */
  findRevokedToken(jti: string): Promise<RevokedToken | null>;
  /** How much is known of what was revoked, and how old it is. */
  revocations(): RevocationsState;
  /** The figures of `GET /metrics`, in Prometheus' text format, whether that route is configured or not. */
  metrics(): Promise<string>;
  /**
   * Ends the streams of `GET /v1/revocations/stream` and opens none any more, and begins to interrupt migrations and
   * queries of `/admin`: a server that stops listening would wait for them. Those who listen go on where they resume.
   */
  endStreams(): void;
  /**
   * Lets the hashing that runs finish, ends its threads and the connections that are Authgraft's own. Doing
   * it again changes nothing.
   */
  close(): Promise<void>;
}

/**
 * Opens sign-in on a database that `authgraft up` has been run on; it changes no schema itself.
 *
 * @example
 * const { DATABASE_URL = "", AUTHGRAFT_SECRET = "" } = process.env;
 * const auth = await createAuth({ database: DATABASE_URL, secret: AUTHGRAFT_SECRET });
 * const response = await auth.fetch(request);
 *
 * @throws MigrationError `not_grafted`, naming the command to run.
 * @throws ConfigurationError `secret_weak`, `secret_mismatch`, `configuration_invalid`, `table_not_found`.
 * @throws DatabaseError `database_unreachable` and its kin.
 */
export async function createAuth(options: AuthOptions): Promise<Auth> {
  const configuration = parseConfiguration(options.configuration);
  const secrets = requireSecrets(options.secret);
  const mail = readMailSettings(configuration, options.smtpUrl);
  const adminKey = createAdminKey(options.adminApiKey);
  const { pool, close } = await openPool(options.database);
  try {
    return await assemble(options, { configuration, secrets, mail, adminKey, pool: guardPool(pool) }, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(options: AuthOptions, settled: Settled, close: () => Promise<void>): Promise<Auth> {
  const { configuration, secrets, pool } = settled;
  const { logger = SILENT, now = Date.now } = options;
  const state = await readGraft(pool, configuration);
  const register = new Registry();
  const passwords = await openPasswords(configuration.passwords, register);
  let revocations: Revocations | undefined;
  let mailing: Mailing | undefined;
  try {
    const table = describeUsersTable(state.situation.users, state.situation.mapping, configuration.schema);
    const keys = createSigningKeys(keyStore(pool, configuration, secrets), now);
    await keys.current();
    mailing = openMailing(options, { ...settled, register });
    const context = createContext(options, {
      ...{ ...settled, state, table, passwords, register, keys, mailer: mailing.mailer },
    });
    revocations = context.revocations;
    measureRevocations(register, revocations.state);
    const accounts = createAccounts(context);
    const feed = openFeed(context, keys);
    const population = await watchPopulation(context);
    const purging = startPurging({
      ...{ pool, table, schema: configuration.schema, logger },
      auditRetentionDays: configuration.audit.retentionDays,
    });
    const { stop: stopDesks, ...administration } = openAdministration(options, {
      ...settled,
      context,
      accounts,
    });
    const app = createApp({
      ...administration,
      ...{ accounts, logger, now, trustedProxies: configuration.trustedProxies },
      cookies: cookieSettings(configuration),
      ...{ devices: context.devices, throttle: context.throttle },
      ...{ services: configuration.services, feed },
      ...{ register, publicUrl: configuration.publicUrl, outbox: mailing.outbox },
      metrics: configuration.metrics ? register : null,
      publicKeys: configuration.tokens.algorithm === "HS256" ? null : keys.publicKeys,
    });
    return {
      routes: routesOf(app),
      fetch: async (request, from = {}) => app.fetch(request, from),
      ...createAuthentication(accounts),
      verify: accounts.verify,
      findRevokedToken: accounts.findRevokedToken,
      revocations: context.revocations.state,
      metrics: () => register.metrics(),
      endStreams() {
        feed?.endStreams();
        // `close` waits for their end, and says what went wrong.
        stopDesks().catch(() => undefined);
      },
      async close() {
        feed?.endStreams();
        population.stop();
        await Promise.all([context.revocations.stop(), purging.stop(), stopDesks()]);
        // What an answer has promised is done first, as long as it does not take for ever.
        await within(BACKGROUND, context.background.settled).catch(() => undefined);
        // First, for what waits in the background could wait for ever; its renewal is the next login's.
        await passwords.close();
        await context.mailer.stop();
        await context.renewals.settled();
        await close();
      },
    };
  } catch (error) {
    await revocations?.stop();
    await mailing?.mailer.stop();
    await passwords.close();
    throw error;
  }
}

/** The catalog is read under a pinned search_path, so that every name comes back with its schema. */
function readGraft(pool: Pool, configuration: Configuration): Promise<GraftState> {
  return withTransaction(pool, async (client) => {
    await client.query("SET LOCAL search_path TO pg_catalog, pg_temp; SET LOCAL jit TO off");
    return assertGrafted(client, configuration);
  });
}

/** A browser keeps the cookie for as long as a session that is not used. */
function cookieSettings({ cookies, sessions }: Configuration): CookieSettings {
  return { ...cookies, maxAge: Math.min(sessions.idleSeconds, sessions.lifetimeSeconds) };
}

/** Null where there is no service to follow the feed, or none that could verify a token. */
function openFeed(context: AccountsContext, keys: SigningKeys): PublishedFeed | null {
  const { pool, table, configuration, revocations, now } = context;
  const { services, schema, tokens } = configuration;
  if (services.length === 0 || tokens.algorithm === "HS256") return null;
  const confirm = table.mapping.deleted !== null;
  return publishFeed({ pool, schema, issuer: tokens.issuer, keys, revocations, confirm, now });
}
