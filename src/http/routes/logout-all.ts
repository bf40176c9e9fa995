import { createRoute, z } from "@hono/zod-openapi";
import { bearerToken } from "../bearer.ts";
import { callerOf } from "../caller.ts";
import { clearRefreshCookie } from "../cookies.ts";
import { optionalJsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { BEARER, problems } from "../schemas.ts";

const schema = z.strictObject({ keep_current: z.boolean().optional() }).openapi("LogoutAll");

/** `POST /v1/auth/logout-all`: ends every session of the user, or every other one. */
export function mountLogoutAll(app: App, { accounts, cookies, trustedProxies }: HttpParts): void {
  const route = createRoute({
    method: "post",
    path: "/v1/auth/logout-all",
    summary: "Sign out everywhere, or everywhere else",
    security: [BEARER],
    middleware: [optionalJsonBody],
    request: { body: { content: { "application/json": { schema } } } },
    responses: { 204: { description: "Signed out." }, ...problems(400, 401, 413, 415, 422, 503) },
  });
  app.openapi(route, async (context) => {
    const { keep_current: keepCurrent = false } = context.req.valid("json");
    const { claims } = await accounts.authenticate(bearerToken(context));
    await accounts.logoutAll(claims, { keepCurrent }, callerOf(context, trustedProxies));
    if (!keepCurrent) clearRefreshCookie(context, cookies);
    return context.body(null, 204);
  });
}
