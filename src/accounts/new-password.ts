import type { Passwords } from "../passwords/passwords.ts";
import type { PasswordPolicy } from "../passwords/policy.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { FieldsError } from "./fields/field-error.ts";
import { createAccountsPolicy } from "./password-policy.ts";
import type { User } from "./user.ts";

/** Looks at new passwords and hashes them: what is done before a transaction begins. */
export interface NewPasswords {
  /** @throws FieldsError, about the field `password`. */
  check(password: string, owner: Owner): Promise<void>;
  /** @throws OverloadedError `overloaded`, SignInError `request_abandoned`. */
  hash(password: string, caller: Caller): Promise<string>;
}

/** Whose own words a password must not be made of. */
export type Owner = Pick<User, "email" | "username" | "display_name">;

/** Puts the policy and the hasher together. */
export function createNewPasswords(context: AccountsContext): NewPasswords {
  const policy = createAccountsPolicy(context);
  return {
    check: (password, owner) => check(policy, password, owner),
    hash: (password, caller) => hash(context.passwords, password, caller),
  };
}

async function check(policy: PasswordPolicy, password: string, owner: Owner): Promise<void> {
  const { email, username, display_name } = owner;
  const refusal = await policy.check(password, {
    email: email ?? undefined,
    username: username ?? undefined,
    displayName: display_name ?? undefined,
  });
  if (refusal !== null) throw new FieldsError({ field: "password", ...refusal });
}

function hash(passwords: Passwords, password: string, { address, signal }: Caller): Promise<string> {
  return passwords.hash(password, { address, signal });
}
