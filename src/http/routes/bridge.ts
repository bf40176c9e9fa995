import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { callerOf } from "../caller.ts";
import { requireOwnOrigin } from "../cookies.ts";
import { rememberDevice } from "../device-cookie.ts";
import { optionalJsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { signedInBody } from "../refresh-token.ts";
import { json, problems, signedInSchema, transport } from "../schemas.ts";

const schema = z.strictObject({ refresh: transport() }).openapi("Bridge");

/** `POST /v1/auth/bridge` (C10): a session of the old application for one here. Not there without a bridge. */
export function mountBridge(app: App, parts: HttpParts): void {
  const { accounts, cookies, trustedProxies } = parts;
  const { bridge } = accounts;
  if (bridge === null) return;
  const route = createRoute({
    method: "post",
    path: "/v1/auth/bridge",
    summary: "Sign in with a session of the old application",
    middleware: [optionalJsonBody],
    request: { body: { content: { "application/json": { schema } } } },
    responses: {
      200: json("Signed in.", signedInSchema),
      ...problems(400, 401, 403, 413, 415, 422, 503),
    },
  });
  app.openapi(route, async (context) => {
    const { refresh = "body" } = context.req.valid("json");
    // A browser sends the old application's cookie along whoever's page asks.
    const isByCookie = refresh === "cookie" || context.req.header("cookie") !== undefined;
    if (isByCookie) requireOwnOrigin(context, cookies);
    const signedIn = await bridge(withoutBody(context), callerOf(context, trustedProxies));
    rememberDevice(context, parts, signedIn);
    return context.json(signedInBody(context, cookies, signedIn, refresh), 200);
  });
}

/** The body has been read, and says nothing that the old application would know. */
function withoutBody({ req: { raw } }: Context): Request {
  return new Request(raw.url, { method: raw.method, headers: raw.headers, signal: raw.signal });
}
