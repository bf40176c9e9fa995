import { createRoute, z } from "@hono/zod-openapi";
import { callerOf } from "../caller.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { newPassword, problems, text } from "../schemas.ts";

/** `POST /v1/auth/reset-password`: a new password by the link of a mail; every session ends. */
export function mountResetPassword(app: App, { accounts, trustedProxies }: HttpParts): void {
  const schema = z
    .strictObject({ token: text(), password: newPassword(accounts.fields.password) })
    .openapi("PasswordReset");
  const route = createRoute({
    method: "post",
    path: "/v1/auth/reset-password",
    summary: "Set a new password by a link that was sent",
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      204: { description: "It is set, and can be signed in with." },
      ...problems(400, 403, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    await accounts.resetPassword(context.req.valid("json"), callerOf(context, trustedProxies));
    return context.body(null, 204);
  });
}
