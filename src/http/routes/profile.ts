import { createRoute, z } from "@hono/zod-openapi";
import type { ProfileChange } from "../../accounts/fields/profile-fields.ts";
import { bearerToken } from "../bearer.ts";
import { callerOf } from "../caller.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { BEARER, json, problems, text, userSchema } from "../schemas.ts";

/** `PATCH /v1/users/me`: changes what is named; there where the table has something that users may change. */
export function mountProfile(app: App, { accounts, trustedProxies }: HttpParts): void {
  const { profile } = accounts.settings;
  if (Object.keys(profile.fields).length === 0) return;
  const route = createRoute({
    method: "patch",
    path: "/v1/users/me",
    summary: "Change one's profile",
    security: [BEARER],
    middleware: [jsonBody],
    request: {
      body: { required: true, content: { "application/json": { schema: changeSchema(profile.fields) } } },
    },
    responses: {
      200: json("The user, changed.", z.object({ user: userSchema })),
      ...problems(400, 401, 403, 409, 413, 415, 422, 503),
    },
  });
  app.openapi(route, async (context) => {
    // From memory: the statement that changes the row asks about the token besides.
    const claims = await accounts.verify(bearerToken(context));
    const change = context.req.valid("json");
    const user = await accounts.updateProfile(claims, change, callerOf(context, trustedProxies));
    return context.json({ user }, 200);
  });
}

function changeSchema(
  fields: Readonly<Record<string, { readonly maximum: number }>>,
): z.ZodType<ProfileChange> {
  const shape = Object.entries(fields).map(([name, { maximum }]) => [
    name,
    text().optional().openapi({ maxLength: maximum }),
  ]);
  // The keys depend on the table, so the compiler cannot see that they are a change's.
  return z
    .strictObject(Object.fromEntries(shape))
    .openapi("ProfileChange") as unknown as z.ZodType<ProfileChange>;
}
