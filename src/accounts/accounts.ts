import { createAssertReady } from "./assert-ready.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { createAuthenticate, type Identity } from "./current-user.ts";
import {
  type Registration,
  type RegistrationFields,
  registrationFields,
} from "./fields/registration-fields.ts";
import type { Credentials } from "./find-account.ts";
import { createLogin } from "./login.ts";
import { createLogout } from "./logout.ts";
import { createRegister } from "./register.ts";
import { createFindRevokedToken, type RevokedToken } from "./revoked-tokens.ts";
import type { SignedIn } from "./signed-in.ts";

/** The use cases, one verb each; the file of a verb says what it throws. */
export interface Accounts {
  /** What `register` is asked for on this table. */
  readonly fields: RegistrationFields;
  register(registration: Registration, caller?: Caller): Promise<SignedIn>;
  login(credentials: Credentials, caller?: Caller): Promise<SignedIn>;
  logout(token: string): Promise<void>;
  authenticate(token: string): Promise<Identity>;
  findRevokedToken(jti: string): Promise<RevokedToken | null>;
  assertReady(): Promise<void>;
}

/**
 * Puts the use cases together.
 *
 * @throws ConfigurationError `configuration_invalid` where nobody could register on this table.
 */
export function createAccounts(context: AccountsContext): Accounts {
  return {
    fields: registrationFields(context.table, context.configuration.passwords),
    register: createRegister(context),
    login: createLogin(context),
    logout: createLogout(context),
    authenticate: createAuthenticate(context),
    findRevokedToken: createFindRevokedToken(context),
    assertReady: createAssertReady(context),
  };
}
