import type { Context, Env, Hono, MiddlewareHandler, Schema } from "hono";
import type { AuthenticatedUser, Authenticator } from "../http/authenticator.ts";
import { admit, type Role } from "./admission.ts";
import { refusal } from "./refusal.ts";

/** What `requireUser` and `requireAdmin` add to a context: `context.get("user")`. */
export interface UserEnv {
  readonly Variables: { user: AuthenticatedUser };
}

/** What `mount` takes besides. */
export interface MountOptions {
  /**
   * The address that the connection of a request comes from; that of the socket with @hono/node-server unless given.
   * Elsewhere, `getConnInfo` of the platform's own adapter knows it.
   */
  readonly address?: (context: Context) => string | undefined;
}

/**
 * Adds Authgraft's own routes to an application, under the paths they have.
 *
 * @example
 * mount(app, auth);
 */
export function mount<E extends Env, S extends Schema, BasePath extends string>(
  app: Hono<E, S, BasePath>,
  auth: Authenticator,
  { address = socketAddress }: MountOptions = {},
): void {
  for (const { method, path } of auth.routes) {
    app.on(method, path, async (context) => auth.fetch(await unread(context), { address: address(context) }));
  }
}

/** Middleware for users who are signed in; everybody else gets 401, or 503 while that cannot be decided. */
export function requireUser(auth: Authenticator): MiddlewareHandler<UserEnv> {
  return guard(auth, "user");
}

/** The same for administrators: 403 for other users. The database is asked each time. */
export function requireAdmin(auth: Authenticator): MiddlewareHandler<UserEnv> {
  return guard(auth, "administrator");
}

function guard(auth: Authenticator, role: Role): MiddlewareHandler<UserEnv> {
  return async (context, next) => {
    const { user, refused } = await admit(auth, role, context.req.header("authorization"));
    if (refused !== undefined) return refused;
    context.set("user", user);
    await next();
    // `profile` may have found that the user is gone by now; Hono has handled that as any error.
    const late = refusal(context.error);
    if (late !== undefined) context.res = late;
    return undefined;
  };
}

/** Middleware before us may have read the body; Hono keeps what it was. */
async function unread({ req }: Context): Promise<Request> {
  const { raw } = req;
  if (!raw.bodyUsed) return raw;
  const { method, url, headers, signal } = raw;
  return new Request(url, { method, headers, signal, body: await req.arrayBuffer() });
}

function socketAddress({ env }: Context): string | undefined {
  const bindings = env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
  return bindings?.incoming?.socket?.remoteAddress;
}
