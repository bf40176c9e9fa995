import { z } from "@hono/zod-openapi";
import type { Registration, RegistrationFields, TextField } from "../accounts/fields/registration-fields.ts";
import type { RefreshTransport } from "./refresh-token.ts";

/** A text that must be there; the error's text is the code of the problem. */
export const text = () =>
  z.string({ error: (issue) => (issue.input === undefined ? "field_required" : "field_invalid") });

/** How the refresh token is wanted; in the body unless said otherwise. */
export const transport = () => z.enum(["body", "cookie"] satisfies RefreshTransport[]).optional();

interface WithTransport {
  readonly refresh?: RefreshTransport | undefined;
}

type Shape = Record<string, z.ZodString | z.ZodOptional<z.ZodString>>;

/** What registration is asked for on this table (B6, C14). Any other field is refused by name. */
export function registrationSchema(
  fields: RegistrationFields,
  { signsIn }: { readonly signsIn: boolean },
): z.ZodType<Registration & WithTransport> {
  const { password } = fields;
  const shape: Shape = { email: bounded(fields.email) };
  if (fields.username !== null) shape.username = bounded(fields.username);
  if (fields.displayName !== null) shape.display_name = bounded(fields.displayName);
  shape.password = newPassword(password);
  const schema = z
    .strictObject({ ...shape, ...(signsIn ? { refresh: transport() } : {}) })
    .openapi("Registration");
  // The keys depend on the table, so the compiler cannot see that they are Registration's.
  return schema as unknown as z.ZodType<Registration & WithTransport>;
}

/** A password that is to be stored; what else it has to be is the policy's to say. */
export function newPassword({ minimumLength, maximumLength }: RegistrationFields["password"]) {
  return text().openapi({ format: "password", minLength: minimumLength, maxLength: maximumLength });
}

function bounded({ maximum, required }: TextField) {
  const described = text().openapi({ maxLength: maximum });
  return required ? described : described.optional();
}

/** The one way a login names its user, or why there is none. */
interface Login extends WithTransport {
  readonly email?: string | undefined;
  readonly username?: string | undefined;
  readonly password: string;
}

/** What is wrong with a login that gives both an email and a username. */
export const NAMED_TWICE = "Give an email or a username, not both.";

/** `{email, password}`, or `{username, password}` where the table has usernames (B7, C3). */
export function credentialsSchema({ username }: RegistrationFields): z.ZodType<Login> {
  const shape: Shape = { email: username === null ? text() : text().optional() };
  if (username !== null) shape.username = text().optional();
  shape.password = text().openapi({ format: "password" });
  const schema = z
    .strictObject({ ...shape, refresh: transport() })
    .superRefine((value: Partial<Login>, context) => {
      const named = [value.email, value.username].filter((name) => name !== undefined);
      if (named.length === 1) return;
      const message = named.length === 0 ? "field_required" : NAMED_TWICE;
      context.addIssue({ code: "custom", path: ["email"], message });
    });
  const named = [{ required: ["email"] }, { required: ["username"] }];
  return schema.openapi(
    "Credentials",
    username === null ? {} : { oneOf: named },
  ) as unknown as z.ZodType<Login>;
}

/** A user as answers show one (C14). */
export const userSchema = z
  .object({
    id: z.string(),
    username: z.string().nullable().optional(),
    email: z.string().nullable(),
    display_name: z.string().nullable().optional(),
    auth_provider: z.string().nullable().optional(),
    is_admin: z.boolean(),
    email_verified: z.boolean(),
    created_at: z.string().nullable().optional(),
  })
  .openapi("User");

/** What registering, logging in and refreshing answer; `token` is the access token. With a cookie there is no `refresh_token`. */
export const signedInSchema = z
  .object({ token: z.string(), user: userSchema, refresh_token: z.string().optional() })
  .openapi("SignedIn");

/** A refresh token in a body; without one it is looked for in the cookie. */
export const refreshSchema = z
  .strictObject({ refresh_token: text().optional() })
  .openapi("PresentedRefreshToken");

/** What is answered alike, whatever comes of it afterwards. */
export const acceptedSchema = z.object({ status: z.literal("accepted") }).openapi("Accepted");

/** RFC 9457, with a stable code. */
const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), code: z.string(), message: z.string() })).optional(),
    error: z.string().optional(),
    findings: z
      .array(z.object({ code: z.string(), object: z.string(), message: z.string(), fix: z.string() }))
      .optional(),
    sqlstate: z.string().optional(),
    position: z.int().nullable().optional(),
  })
  .openapi("Problem");

/** Of routes that take an access token. */
export const BEARER: Record<string, string[]> = { bearer: [] };

/** A response of a route: JSON of that shape. */
export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

/** The error responses of a route, by status; any route may also answer 405 or 500, which are the default. */
export function problems<Status extends number>(...statuses: readonly Status[]) {
  const response = {
    description: "What went wrong; `code` says what.",
    content: { "application/problem+json": { schema: problemSchema } },
  };
  return Object.fromEntries([...statuses, "default"].map((status) => [status, response]));
}
