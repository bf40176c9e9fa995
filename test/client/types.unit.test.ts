import type { z } from "@hono/zod-openapi";
import { expect, expectTypeOf, test } from "vitest";
import type { Registration } from "../../src/accounts/fields/registration-fields.ts";
import type { User as AccountsUser } from "../../src/accounts/user.ts";
import { type Client, createClient, type SignedIn, type User } from "../../src/client/client.ts";
import type { refreshSchema, signedInSchema, userSchema } from "../../src/http/schemas.ts";

type InputOf<Name extends keyof Client> = NonNullable<Parameters<Client[Name]>[0]>;
type OutputOf<Name extends keyof Client> = Awaited<ReturnType<Client[Name]>>;

test("the client's types are those of the schemas, and no looser", () => {
  expectTypeOf<z.infer<typeof userSchema>>().toExtend<User>();
  expectTypeOf<User>().toExtend<z.infer<typeof userSchema>>();
  expectTypeOf<AccountsUser>().toExtend<User>();
  expectTypeOf<z.infer<typeof signedInSchema>>().toExtend<SignedIn>();
  expectTypeOf<SignedIn>().toExtend<z.infer<typeof signedInSchema>>();
  expectTypeOf<InputOf<"refresh">>().toExtend<z.infer<typeof refreshSchema>>();
  expectTypeOf<Registration>().toExtend<InputOf<"register">>();
  expectTypeOf<OutputOf<"logout">>().toEqualTypeOf<undefined>();
  expectTypeOf<OutputOf<"getUser">>().toEqualTypeOf<{ readonly user: User }>();
});

test("what is missing, unknown or of another type is no program", () => {
  const client = createClient({
    baseUrl: "http://localhost",
    fetch: async () => new Response(null, { status: 204 }),
  });
  const wrong = [
    // @ts-expect-error: a password is missing
    () => client.register({ email: "ada@example.com" }),
    // @ts-expect-error: there is no such field
    () => client.forgotPassword({ email: "ada@example.com", mail: "x" }),
    // @ts-expect-error: an id is a text
    () => client.endSession({ id: 7 }),
    // @ts-expect-error: something has to be said
    () => client.endSession(),
    // @ts-expect-error: there is no such operation
    () => client.becomeAdministrator(),
  ];
  expect(wrong).toHaveLength(5);
});
