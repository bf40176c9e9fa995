import { createRoute, z } from "@hono/zod-openapi";
import { callerOf } from "../caller.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { json, problems, text } from "../schemas.ts";

/** `POST /v1/auth/confirm-email-change`: the yes of one side; the last one changes the address. */
export function mountConfirmEmailChange(app: App, { accounts, trustedProxies }: HttpParts): void {
  const schema = z.strictObject({ token: text() }).openapi("EmailChangeConfirmation");
  const state = z
    .object({ status: z.enum(["pending", "changed"]), awaiting: z.array(z.enum(["new", "old"])) })
    .openapi("EmailChangeState");
  const route = createRoute({
    method: "post",
    path: "/v1/auth/confirm-email-change",
    summary: "Agree to a change of email, with the link that was sent to one of its sides",
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      200: json("Agreed, and whose yes it takes still.", state),
      ...problems(400, 403, 409, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const { token } = context.req.valid("json");
    const { status, awaiting } = await accounts.confirmEmailChange(token, callerOf(context, trustedProxies));
    return context.json({ status, awaiting: [...awaiting] }, 200);
  });
}
