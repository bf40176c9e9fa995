import { createRoute } from "@hono/zod-openapi";
import { MissingTokenError } from "../bearer.ts";
import { callerOf } from "../caller.ts";
import { optionalJsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { presentedRefresh, signedInBody } from "../refresh-token.ts";
import { json, problems, refreshSchema, signedInSchema } from "../schemas.ts";

/** `POST /v1/auth/refresh`: the next access token for a refresh token, and the next refresh token with it. */
export function mountRefresh(app: App, { accounts, cookies, trustedProxies }: HttpParts): void {
  const route = createRoute({
    method: "post",
    path: "/v1/auth/refresh",
    summary: "Take a refresh token for the next one and an access token",
    security: [{ refreshCookie: [] }, {}],
    middleware: [optionalJsonBody],
    request: { body: { content: { "application/json": { schema: refreshSchema } } } },
    responses: {
      200: json("Signed in still.", signedInSchema),
      ...problems(400, 401, 403, 413, 415, 422, 503),
    },
  });
  app.openapi(route, async (context) => {
    const presented = presentedRefresh(context, context.req.valid("json").refresh_token, cookies);
    if (presented === null) throw new MissingTokenError();
    const signedIn = await accounts.refresh(presented.token, callerOf(context, trustedProxies));
    return context.json(signedInBody(context, cookies, signedIn, presented.by), 200);
  });
}
