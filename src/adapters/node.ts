import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthenticatedUser, Authenticator } from "../http/authenticator.ts";
import { problemResponse } from "../http/problem.ts";
import { admit, type Role } from "./admission.ts";
import { type NodeListener, ownListener, send } from "./node-exchange.ts";
import { ownRoutes } from "./own-routes.ts";
import { refusalOrThrow } from "./refusal.ts";

/** A handler of the application's own. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A handler of requests that speak for a user. */
export type UserHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  user: AuthenticatedUser,
) => unknown;

/** What `createListener` takes besides. */
export interface ListenerOptions {
  /** Answers what is none of Authgraft's own routes; 404 unless given. */
  readonly fallback?: Handler;
}

/**
 * A listener for node:http that answers Authgraft's own routes and leaves everything else to the application. It
 * rejects with what the application throws, as an async listener would.
 *
 * @example
 * createServer(createListener(auth, { fallback: handler })).listen(3000);
 */
export function createListener(
  auth: Authenticator,
  { fallback = notFound }: ListenerOptions = {},
): NodeListener {
  const own = ownListener(auth);
  const isOwn = ownRoutes(auth);
  return async (request, response) => {
    const { method = "GET", url = "/" } = request;
    await (isOwn(method, url) ? own(request, response) : fallback(request, response));
  };
}

/** Wraps a handler for users who are signed in; everybody else gets 401, or 503 while that cannot be decided. */
export function requireUser(auth: Authenticator): (handler: UserHandler) => NodeListener {
  return (handler) => guarded(auth, "user", handler);
}

/** The same for administrators: 403 for other users. The database is asked each time. */
export function requireAdmin(auth: Authenticator): (handler: UserHandler) => NodeListener {
  return (handler) => guarded(auth, "administrator", handler);
}

function guarded(auth: Authenticator, role: Role, handler: UserHandler): NodeListener {
  return async (request, response) => {
    const { user, refused } = await admit(auth, role, request.headers.authorization);
    if (refused !== undefined) return send(refused, response);
    try {
      await handler(request, response, user);
    } catch (error) {
      await send(refusalOrThrow(error), response);
    }
  };
}

function notFound(_: IncomingMessage, response: ServerResponse): Promise<void> {
  return send(problemResponse({ status: 404, code: "not_found" }), response);
}
