import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  preHandlerAsyncHookHandler,
  RouteHandlerMethod,
} from "fastify";
import type { AuthenticatedUser, Authenticator } from "../http/authenticator.ts";
import { problemResponse } from "../http/problem.ts";
import { admit, type Role } from "./admission.ts";
import { refusal } from "./refusal.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who the request speaks for, behind `requireUser` or `requireAdmin`; elsewhere, reading it throws. */
    user: AuthenticatedUser;
  }
}

/** What the plugin is registered with. */
export interface AuthgraftOptions {
  readonly auth: Authenticator;
}

/** Fastify's mark of a plugin whose decorations are its surroundings' too. */
const SKIP_OVERRIDE = Symbol.for("skip-override");

/**
 * A plugin that adds Authgraft's own routes, under the paths they have, and `request.user`.
 *
 * @example
 * app.register(authgraft, { auth });
 */
export const authgraft: FastifyPluginAsync<AuthgraftOptions> = Object.assign(
  async (app: FastifyInstance, { auth }: AuthgraftOptions) => {
    const isAdmitted = decorate(app);
    app.addHook("onRoute", (route) => {
      route.handler = answeringRefusals(route.handler, isAdmitted);
    });
    // In a context of their own, for they read bodies in a way of their own.
    await app.register(async (own) => addRoutes(own, auth));
  },
  { [SKIP_OVERRIDE]: true },
);

/** A preHandler for users who are signed in; everybody else gets 401, or 503 while that cannot be decided. */
export function requireUser(auth: Authenticator): preHandlerAsyncHookHandler {
  return guard(auth, "user");
}

/** The same for administrators: 403 for other users. The database is asked each time. */
export function requireAdmin(auth: Authenticator): preHandlerAsyncHookHandler {
  return guard(auth, "administrator");
}

function guard(auth: Authenticator, role: Role): preHandlerAsyncHookHandler {
  return async (request, reply) => {
    const { user, refused } = await admit(auth, role, request.headers.authorization);
    if (refused !== undefined) return sendRefusal(reply, refused);
    request.user = user;
  };
}

/** As bytes: the routes for HEAD that Fastify makes can tell the length of them, and of no Response. */
async function sendRefusal(reply: FastifyReply, refused: Response): Promise<FastifyReply> {
  const body = Buffer.from(await refused.arrayBuffer());
  return reply.code(refused.status).headers(Object.fromEntries(refused.headers)).send(body);
}

/**
 * A handler whose `profile` finds that the user is gone answers as `requireUser` does. Around the handler, because an error
 * handler of ours would come before the application's for every error there is.
 */
function answeringRefusals(
  handler: RouteHandlerMethod,
  isAdmitted: (request: FastifyRequest) => boolean,
): RouteHandlerMethod {
  return function (request, reply) {
    const handling: unknown = handler.call(this, request, reply);
    if (!(handling instanceof Promise)) return handling;
    return handling.catch((error: unknown) => {
      const refused = isAdmitted(request) && !reply.sent ? refusal(error) : undefined;
      if (refused === undefined) throw error;
      return sendRefusal(reply, refused);
    });
  };
}

/**
 * A route that forgot its `requireUser` fails, loudly, and cannot take nobody for somebody. What comes back tells requests
 * that were let in as somebody's.
 */
function decorate(app: FastifyInstance): (request: FastifyRequest) => boolean {
  const users = new WeakMap<FastifyRequest, AuthenticatedUser>();
  app.decorateRequest("user", {
    getter(this: FastifyRequest) {
      const user = users.get(this);
      if (user === undefined)
        throw new Error("request.user is there behind requireUser or requireAdmin only.");
      return user;
    },
    setter(this: FastifyRequest, user: AuthenticatedUser) {
      users.set(this, user);
    },
  });
  return (request) => users.has(request);
}

function addRoutes(app: FastifyInstance, auth: Authenticator): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));
  for (const { method, path } of auth.routes) {
    const handler: RouteHandlerMethod = async (request, reply) => {
      return reply.send(await answer(auth, request, untilGone(reply.raw)));
    };
    app.route({ method: method === "GET" ? ["GET", "HEAD"] : method, url: path, handler });
  }
}

async function answer(auth: Authenticator, request: FastifyRequest, signal: AbortSignal): Promise<Response> {
  const { method, protocol, host, originalUrl, raw, body } = request;
  // HTTP/1.0 has no Host header.
  const url = URL.parse(originalUrl, `${protocol}://${host || "localhost"}`);
  if (url === null) return problemResponse({ status: 400, code: "request_invalid" });
  const init = { method, headers: headersOf(raw), signal, ...(Buffer.isBuffer(body) ? { body } : {}) };
  return auth.fetch(new Request(url, init), { address: raw.socket.remoteAddress });
}

/** Aborted when the client has gone. Fastify's own signal is aborted as soon as a request's body was read. */
function untilGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function headersOf({ headers: fields }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value = []] of Object.entries(fields)) {
    for (const one of [value].flat()) headers.append(name, one);
  }
  return headers;
}
