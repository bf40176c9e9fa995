import type { AuthenticatedUser, Authenticator } from "../http/authenticator.ts";
import { admit, type Role } from "./admission.ts";
import { ownRoutes } from "./own-routes.ts";
import { refusal, refusalOrThrow } from "./refusal.ts";

/** What is handed in beside a request: where its connection comes from, as the platform knows it. */
export interface From {
  readonly address?: string | undefined;
}

/** A response, now or later. */
type Answer = Response | Promise<Response>;

/** A handler of requests that speak for a user; what a framework passes besides the request comes last. */
export type UserHandler<R extends Request, Rest extends unknown[]> = (
  request: R,
  user: AuthenticatedUser,
  ...rest: Rest
) => Answer;

/** A handler as a framework calls it. */
export type Handler<R extends Request, Rest extends unknown[]> = (
  request: R,
  ...rest: Rest
) => Promise<Response>;

/**
 * A function from Request to Response that answers Authgraft's own routes and leaves everything else to `fallback`.
 *
 * @example
 * Deno.serve((request, { remoteAddr }) => handle(request, { address: remoteAddr.hostname }));
 */
export function createHandler(
  auth: Authenticator,
  fallback: (request: Request) => Answer,
): (request: Request, from?: From) => Promise<Response> {
  const isOwn = ownRoutes(auth);
  return async (request, from = {}) => {
    return isOwn(request.method, new URL(request.url).pathname)
      ? auth.fetch(request, from)
      : fallback(request);
  };
}

/**
 * Makes a function that says who a request speaks for.
 *
 * @throws SignInError `invalid_token`; DatabaseError and MigrationError `not_grafted` where that cannot be decided.
 *   `refusal` turns each into the answer it is due.
 */
export function requireUser(auth: Authenticator): (request: Request) => Promise<AuthenticatedUser> {
  return (request) => auth.authenticate(request);
}

/**
 * The same for administrators; the database is asked each time.
 *
 * @throws SignInError `forbidden` for other users.
 */
export function requireAdmin(auth: Authenticator): (request: Request) => Promise<AuthenticatedUser> {
  return (request) => auth.authenticateAdmin(request);
}

/**
 * Wraps a handler for users who are signed in; everybody else gets 401, or 503 while that cannot be decided.
 *
 * @example
 * export const GET = withUser(auth, (request, user) => Response.json({ id: user.id }));
 */
export function withUser<R extends Request, Rest extends unknown[]>(
  auth: Authenticator,
  handler: UserHandler<R, Rest>,
): Handler<R, Rest> {
  return guarded(auth, "user", handler);
}

/** The same for administrators: 403 for other users. The database is asked each time. */
export function withAdmin<R extends Request, Rest extends unknown[]>(
  auth: Authenticator,
  handler: UserHandler<R, Rest>,
): Handler<R, Rest> {
  return guarded(auth, "administrator", handler);
}

function guarded<R extends Request, Rest extends unknown[]>(
  auth: Authenticator,
  role: Role,
  handler: UserHandler<R, Rest>,
): Handler<R, Rest> {
  return async (request, ...rest) => {
    const { user, refused } = await admit(auth, role, request);
    if (refused !== undefined) return refused;
    try {
      return await handler(request, user, ...rest);
    } catch (error) {
      return refusalOrThrow(error);
    }
  };
}

export { refusal };
