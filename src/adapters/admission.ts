import type { AuthenticatedUser, Authenticator, Presented } from "../http/authenticator.ts";
import { refusalOrThrow, withStatus } from "./refusal.ts";

/** Whom a route is for. */
export type Role = "user" | "administrator";

/** Either who the request speaks for, or the answer to it. */
export type Admission =
  | { readonly user: AuthenticatedUser; readonly refused?: undefined }
  | { readonly user?: undefined; readonly refused: Response };

/** Asks who a request speaks for. What is no answer to the request is thrown. */
export async function admit(auth: Authenticator, role: Role, presented: Presented): Promise<Admission> {
  try {
    return { user: withMarkedErrors(await authenticate(auth, role, presented)) };
  } catch (error) {
    return { refused: refusalOrThrow(error) };
  }
}

function authenticate(auth: Authenticator, role: Role, presented: Presented): Promise<AuthenticatedUser> {
  return role === "administrator" ? auth.authenticateAdmin(presented) : auth.authenticate(presented);
}

/** `profile` may find that the user is gone by now, in a handler whose errors only the framework sees. */
function withMarkedErrors(user: AuthenticatedUser): AuthenticatedUser {
  const profile = () =>
    user.profile().catch((error: unknown) => {
      throw withStatus(error);
    });
  return { ...user, profile };
}
