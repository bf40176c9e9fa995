import { createRoute, z } from "@hono/zod-openapi";
import type { App, HttpParts } from "../parts.ts";
import { json, problems } from "../schemas.ts";

/** Seconds for which the answer may be kept. */
const MAX_AGE = 60;

const field = z.object({ required: z.boolean(), maximum: z.int() });
const fields = z.object({
  email: field.optional(),
  username: field.optional(),
  display_name: field.optional(),
});

const settingsSchema = z
  .object({
    registration: z.object({ mode: z.enum(["open", "private", "off"]), fields }),
    login: z.array(z.enum(["email", "username"])),
    profile: z.object({ fields }),
    password: z.object({ minimum_length: z.int(), maximum_length: z.int() }),
    providers: z.array(z.string()),
    mail: z.boolean(),
    bridge: z.boolean(),
  })
  .openapi("AuthConfig");

/** `GET /v1/auth/config`: what a front end has to know before anybody is signed in. */
export function mountAuthConfig(app: App, { accounts }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: "/v1/auth/config",
    summary: "Which fields, ways in and rules there are here, for front ends",
    responses: { 200: json("The settings.", settingsSchema), ...problems() },
  });
  app.openapi(route, (context) => {
    context.header("cache-control", `public, max-age=${MAX_AGE}`);
    return context.json(accounts.settings, 200);
  });
}
