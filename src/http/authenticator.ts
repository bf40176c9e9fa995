import type { AuthenticatedUser } from "../accounts/authenticated-user.ts";
import type { OwnRoute } from "./route-table.ts";

export type { AuthenticatedUser };

/** Where an access token is looked for: a request of the Fetch API, or the value of its Authorization header. */
export type Presented = { readonly headers: Headers } | string | null | undefined;

/** What stands behind every adapter: `Auth` is one. */
export interface Authenticator {
  /** What `fetch` answers; every other request is the application's. */
  readonly routes: readonly OwnRoute[];
  /** Answers a request to one of Authgraft's own routes. */
  fetch(request: Request, from?: { readonly address?: string | undefined }): Promise<Response>;
  /**
   * Who a request speaks for: from memory, once the token's signature was checked.
   *
   * @throws SignInError `invalid_token`; DatabaseError and MigrationError `not_grafted` where that cannot be decided.
   */
  authenticate(presented: Presented): Promise<AuthenticatedUser>;
  /**
   * The same, for administrators only; the database is asked each time, so that a demotion counts at once.
   *
   * @throws SignInError `forbidden` for anybody else.
   */
  authenticateAdmin(presented: Presented): Promise<AuthenticatedUser>;
}
