import type { Context } from "hono";
import { SignInError } from "../errors.ts";
import type { Presented } from "./authenticator.ts";

/**
 * The access token of a request: from the Authorization header only, never from the address or the body.
 *
 * @throws MissingTokenError where none is presented; SignInError `invalid_token` where what is there is no
 *   Bearer token.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function bearerToken(context: Context): string {
  return presentedToken(context.req.header("authorization"));
}

/** The same, of a request or the value of its Authorization header. */
export function presentedToken(presented: Presented): string {
  const header = typeof presented === "object" ? presented?.headers.get("authorization") : presented;
  if (header === undefined || header === null) throw new MissingTokenError();
  const [, token] = /^Bearer +([^\s]+) *$/i.exec(header) ?? [];
  if (token === undefined) throw new SignInError("invalid_token", "This is no Bearer token.");
  return token;
}

/** No token was presented: RFC 6750, 3 wants a challenge without an error code then. */
export class MissingTokenError extends SignInError {
  constructor() {
    super("invalid_token", "A Bearer token is needed.");
  }
}
