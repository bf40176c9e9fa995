import { createRoute, z } from "@hono/zod-openapi";
import { bearerToken } from "../bearer.ts";
import { callerOf } from "../caller.ts";
import type { App, HttpParts } from "../parts.ts";
import { BEARER, problems } from "../schemas.ts";

/** `DELETE /v1/users/me/sessions/{id}`: signs the user out somewhere. Repeatable. */
export function mountSessionsEnd(app: App, { accounts, trustedProxies }: HttpParts): void {
  const route = createRoute({
    method: "delete",
    path: "/v1/users/me/sessions/{id}",
    summary: "End one of the user's sessions",
    security: [BEARER],
    request: { params: z.object({ id: z.string() }) },
    responses: { 204: { description: "It has ended." }, ...problems(401, 404, 413, 503) },
  });
  app.openapi(route, async (context) => {
    const { claims } = await accounts.authenticate(bearerToken(context));
    await accounts.endSession(claims, context.req.valid("param").id, callerOf(context, trustedProxies));
    return context.body(null, 204);
  });
}
