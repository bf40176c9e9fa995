import { decodeJwt } from "jose";
import type { TestAuth, TestRequest } from "./auth.ts";

/** Somebody who has just registered. */
export interface Person {
  readonly id: string;
  readonly token: string;
  readonly refreshToken: string;
  readonly sessionId: string;
  readonly credentials: { readonly email: string; readonly password: string };
}

let made = 0;

/** Registers somebody new. `others` are the fields that the table has besides. */
export async function registerPerson(
  auth: TestAuth,
  others: object = {},
  request: TestRequest = {},
): Promise<Person> {
  made += 1;
  const credentials = { email: `person-${made}@example.com`, password: "correct horse" };
  const { body } = await auth.post(
    "/v1/auth/register",
    { ...credentials, username: `person-${made}`, ...others },
    request,
  );
  return {
    ...{ id: body.user.id, token: body.token, refreshToken: body.refresh_token, credentials },
    sessionId: String(decodeJwt(body.token).sid),
  };
}

/** Signs the same person in once more. */
export async function loginAgain(
  auth: TestAuth,
  { id, credentials }: Person,
  request: TestRequest = {},
): Promise<Person> {
  const { body } = await auth.post("/v1/auth/login", credentials, request);
  return {
    ...{ id, token: body.token, refreshToken: body.refresh_token, credentials },
    sessionId: String(decodeJwt(body.token).sid),
  };
}
