import type { Logger } from "../accounts/logger.ts";
import type { Configuration, ConfigurationInput } from "../config/schema.ts";
import type { Pool } from "../postgres/client.ts";

/** What `createAuth` takes. */
export interface AuthOptions {
  /** A `postgres://` URL, or the application's own pool, which stays the application's to end. */
  readonly database: string | Pool;
  /**
   * At least 32 random bytes; the signing keys are sealed under it. Of several the first is the current one, and
   * the others are those before it, which still open what was sealed under them.
   */
  readonly secret: string | readonly string[];
  readonly configuration?: ConfigurationInput | Configuration;
  /**
   * The mail server, as `smtps://user:password@mail.example.com` or `smtp://…`, in place of `mail.url`: it holds a
   * password, which does not belong into a configuration.
   */
  readonly smtpUrl?: string;
  /**
   * The key by which the server's operator is let in to `/admin`, as `X-Admin-API-Key`: 32 characters or more.
   * Without it there is no such way in.
   */
  readonly adminApiKey?: string;
  /**
   * A `postgres://` URL for `POST /admin/query`: its role decides what such a query may do. Without it there is no
   * such route.
   */
  readonly adminQueryDatabase?: string;
  /** A `postgres://` URL of the migrator's for `/admin/migrations`. Without it there are no such routes. */
  readonly migrationDatabase?: string;
  /** Where to write what happened; nowhere unless given. */
  readonly logger?: Logger;
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number;
}
