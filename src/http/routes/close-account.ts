import { createRoute, z } from "@hono/zod-openapi";
import { bearerToken } from "../bearer.ts";
import { callerOf } from "../caller.ts";
import { clearRefreshCookie } from "../cookies.ts";
import { optionalJsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { BEARER, problems, text } from "../schemas.ts";

/** `POST /v1/users/me/close`: closes the account of whoever asks. */
export function mountCloseAccount(app: App, { accounts, cookies, trustedProxies }: HttpParts): void {
  const schema = z
    .strictObject({ password: text().optional().openapi({ format: "password" }) })
    .openapi("AccountClosing");
  const route = createRoute({
    method: "post",
    path: "/v1/users/me/close",
    summary: "Close one's account",
    security: [BEARER],
    middleware: [optionalJsonBody],
    request: { body: { content: { "application/json": { schema } } } },
    responses: {
      204: { description: "Closed: nobody signs in by it any more." },
      ...problems(400, 401, 403, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const identity = await accounts.authenticate(bearerToken(context));
    await accounts.closeAccount(identity, context.req.valid("json"), callerOf(context, trustedProxies));
    clearRefreshCookie(context, cookies);
    return context.body(null, 204);
  });
}
