import { createRoute } from "@hono/zod-openapi";
import { callerOf } from "../caller.ts";
import { requireOwnOrigin } from "../cookies.ts";
import { rememberDevice } from "../device-cookie.ts";
import { jsonBody } from "../middleware/json-body.ts";
import type { App, HttpParts } from "../parts.ts";
import { signedInBody } from "../refresh-token.ts";
import { acceptedSchema, json, problems, registrationSchema, signedInSchema } from "../schemas.ts";

/** `POST /v1/auth/register` (B6, C4): makes an account with a password and signs it in; or, where that is private, asks by mail. */
export function mountRegister(app: App, parts: HttpParts): void {
  if (parts.accounts.settings.registration.mode === "private") mountPrivate(app, parts);
  else mountOpen(app, parts);
}

function mountOpen(app: App, parts: HttpParts): void {
  const { accounts, cookies, trustedProxies } = parts;
  const schema = registrationSchema(accounts.fields, { signsIn: true });
  const route = createRoute({
    method: "post",
    path: "/v1/auth/register",
    summary: "Register with an email and a password",
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      201: json("The account, signed in.", signedInSchema),
      ...problems(400, 403, 409, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    const { refresh = "body", ...registration } = context.req.valid("json");
    if (refresh === "cookie") requireOwnOrigin(context, cookies);
    const signedIn = await accounts.register(registration, callerOf(context, trustedProxies));
    rememberDevice(context, parts, signedIn);
    return context.json(signedInBody(context, cookies, signedIn, refresh), 201);
  });
}

function mountPrivate(app: App, { accounts, trustedProxies }: HttpParts): void {
  const schema = registrationSchema(accounts.fields, { signsIn: false });
  const route = createRoute({
    method: "post",
    path: "/v1/auth/register",
    summary: "Ask for an account with an email and a password; a mail says how it goes on",
    middleware: [jsonBody],
    request: { body: { required: true, content: { "application/json": { schema } } } },
    responses: {
      202: json("Whether the email has an account already, or not.", acceptedSchema),
      ...problems(400, 409, 413, 415, 422, 429, 503),
    },
  });
  app.openapi(route, async (context) => {
    await accounts.requestRegistration(context.req.valid("json"), callerOf(context, trustedProxies));
    return context.json({ status: "accepted" } as const, 202);
  });
}
