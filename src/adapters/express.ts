import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { AuthenticatedUser, Authenticator } from "../http/authenticator.ts";
import { admit, type Role } from "./admission.ts";
import { ownListener, type RequestBody, send } from "./node-exchange.ts";
import { ownRoutes } from "./own-routes.ts";
import { refusal } from "./refusal.ts";

declare global {
  namespace Express {
    // As Passport's types declare them too, so that both may be installed.
    interface User extends AuthenticatedUser {}
    interface Request {
      user?: User | undefined;
    }
  }
}

/** A request that speaks for a user. */
export type SignedInRequest = Request & { readonly user: AuthenticatedUser };

/** A handler of requests that speak for a user. */
export type SignedInHandler = (request: SignedInRequest, response: Response, next: NextFunction) => unknown;

/**
 * Middleware that answers Authgraft's own routes, under the paths they have, and lets everything else through. Best
 * before `express.json()` and its kin; behind them, bodies are written anew from what they made of them.
 *
 * @example
 * app.use(authgraft(auth));
 */
export function authgraft(auth: Authenticator): RequestHandler {
  const own = ownListener(auth, (incoming) => parsedBody(incoming as Request));
  const isOwn = ownRoutes(auth);
  return (request, response, next) => {
    if (!isOwn(request.method, request.url)) return next();
    return own(request, response);
  };
}

/**
 * Middleware for users who are signed in, which sets `request.user`; everybody else gets 401, or 503 while that cannot
 * be decided. With a handler, `request.user` is known to be there in it.
 *
 * @example
 * app.get("/me", requireUser(auth, (request, response) => response.json({ id: request.user.id })));
 */
export function requireUser(auth: Authenticator, handler?: SignedInHandler): RequestHandler {
  return guard(auth, "user", handler);
}

/** The same for administrators: 403 for other users. The database is asked each time. */
export function requireAdmin(auth: Authenticator, handler?: SignedInHandler): RequestHandler {
  return guard(auth, "administrator", handler);
}

function guard(auth: Authenticator, role: Role, handler: SignedInHandler = passOn): RequestHandler {
  return async (request, response, next) => {
    try {
      const { user, refused } = await admit(auth, role, request.headers.authorization);
      if (refused !== undefined) return await send(refused, response);
      await handler(Object.assign(request, { user }), response, next);
    } catch (error) {
      await answerError(error, response, next);
    }
  };
}

/** Other errors go to `next` by hand, for Express 4 does not wait for a promise. */
async function answerError(error: unknown, response: Response, next: NextFunction): Promise<void> {
  const refused = refusal(error);
  if (refused === undefined || response.headersSent) next(error);
  else await send(refused, response);
}

function passOn(_: Request, __: Response, next: NextFunction): void {
  next();
}

/** What a body parser before us made of the body; undefined where none has read it. */
function parsedBody(request: Request): RequestBody | undefined {
  const body: unknown = request.body;
  if (body === undefined || !(request.readableDidRead || request.readableEnded)) return undefined;
  if (typeof body === "string" || Buffer.isBuffer(body)) return body;
  return request.is("urlencoded") ? formOf(body) : JSON.stringify(body);
}

/** A name that came twice came as a list, and goes on as such. */
function formOf(body: unknown): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body ?? {})) {
    for (const one of [value].flat()) form.append(name, String(one));
  }
  return form;
}
