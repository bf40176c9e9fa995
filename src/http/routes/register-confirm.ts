import { createRoute, z } from "@hono/zod-openapi";
import type { RegistrationConfirmation } from "../../accounts/confirm-registration.ts";
import type { RegistrationFields } from "../../accounts/fields/registration-fields.ts";
import { callerOf } from "../caller.ts";
import { requireOwnOrigin } from "../cookies.ts";
import { rememberDevice } from "../device-cookie.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { type RefreshTransport, signedInBody } from "../refresh-token.ts";
import { json, problems, signedInSchema, text, transport } from "../schemas.ts";

/** `POST /v1/auth/register/confirm` (C4): makes the account that a link was sent for; there where registration is private. */
export function mountRegisterConfirm(app: App, parts: HttpParts): void {
  const { accounts, cookies, trustedProxies } = parts;
  const { settings, fields } = accounts;
  if (settings.registration.mode !== "private") return;
  const schema = confirmationSchema(fields);
  const route = createRoute({
    method: "post",
    path: "/v1/auth/register/confirm",
    summary:
      "Use the link of a registration, with its password; another username, where the first is taken by now",
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      201: json("The account, signed in, its email verified.", signedInSchema),
      ...problems(400, 403, 409, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const { refresh = "body", ...confirmation } = context.req.valid("json");
    if (refresh === "cookie") requireOwnOrigin(context, cookies);
    const signedIn = await accounts.confirmRegistration(confirmation, callerOf(context, trustedProxies));
    rememberDevice(context, parts, signedIn);
    return context.json(signedInBody(context, cookies, signedIn, refresh), 201);
  });
}

type Confirmation = RegistrationConfirmation & { readonly refresh?: RefreshTransport | undefined };

function confirmationSchema({ username }: RegistrationFields): z.ZodType<Confirmation> {
  const another = username === null ? {} : { username: text().optional() };
  const schema = z.strictObject({ token: text(), password: text(), ...another, refresh: transport() });
  // The keys depend on the table, so the compiler cannot see that they are a confirmation's.
  return schema.openapi("RegistrationConfirmation") as unknown as z.ZodType<Confirmation>;
}
