import { createRoute, z } from "@hono/zod-openapi";
import { bearerToken } from "../bearer.ts";
import { callerOf } from "../caller.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { BEARER, json, problems, text } from "../schemas.ts";

/** `POST /v1/users/me/email`: asks both addresses about moving from one to the other. */
export function mountEmailChange(app: App, { accounts, trustedProxies }: HttpParts): void {
  const schema = z
    .strictObject({
      email: text().openapi({ maxLength: accounts.fields.email.maximum }),
      password: text().optional().openapi({ format: "password" }),
      redirect_to: text().optional(),
    })
    .openapi("EmailChange");
  const pending = z
    .object({ status: z.literal("pending"), awaiting: z.array(z.enum(["new", "old"])) })
    .openapi("PendingEmailChange");
  const route = createRoute({
    method: "post",
    path: "/v1/users/me/email",
    summary: "Change one's email, once those who read the mail of both agree",
    security: [BEARER],
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      202: json("Asked, and whose yes it takes.", pending),
      ...problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const identity = await accounts.authenticate(bearerToken(context));
    const { status, awaiting } = await accounts.requestEmailChange(
      identity,
      context.req.valid("json"),
      callerOf(context, trustedProxies),
    );
    return context.json({ status, awaiting: [...awaiting] }, 202);
  });
}
