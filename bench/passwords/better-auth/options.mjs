// Plain JavaScript: better-auth is a dependency of the benchmarks alone, so the checkout's types do not know it.
import pg from "pg";

/** better-auth as its documentation sets it up for email and password, for production; everything else is its default. */
export function betterAuthOptions({ databaseUrl, baseUrl, secret }) {
  return {
    database: new pg.Pool({ connectionString: databaseUrl }),
    baseURL: baseUrl,
    secret,
    emailAndPassword: { enabled: true },
    // Each session check asks the database, as Authgraft's does.
    session: { cookieCache: { enabled: false } },
    // It would refuse the fourth sign-in within ten seconds.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  };
}
