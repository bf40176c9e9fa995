import type { Queryable } from "../postgres/client.ts";
import { audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import type { Registration } from "./fields/registration-fields.ts";
import { runHook } from "./hooks.ts";
import { insertUser } from "./insert-user.ts";
import { refusedByRules } from "./refused-values.ts";
import { reserveUsername } from "./reserve-username.ts";
import { type Mint, startSession } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { toUser, type User } from "./user.ts";
import { rememberVerified } from "./verified-email.ts";

/** A registration whose password was hashed. */
export interface Registrant extends Omit<Registration, "password"> {
  readonly password_hash: string;
  /** Whether they have shown the address to be theirs. */
  readonly isEmailVerified: boolean;
}

/**
 * Makes the user's row, tells the application's hook, writes it down and signs the user in, in one transaction of
 * the caller's.
 */
export async function createUser(
  client: Queryable,
  context: AccountsContext,
  { isEmailVerified, ...registrant }: Registrant,
  mint: Mint,
  caller: Caller,
): Promise<SignedIn> {
  const row = await insert(client, context, registrant);
  if (isEmailVerified) await rememberVerified(client, context, row.id, registrant.email);
  const user: User = { ...row, email_verified: isEmailVerified };
  await runHook(client, context, "onRegister", { user }, caller);
  await audit(client, context, { event: "registered", userId: user.id }, caller);
  const started = await startSession(client, context, mint, { userId: user.id, generation: 0 }, caller);
  if (started === null) throw new Error("the new row is deleted or disabled from the start");
  await runHook(client, context, "onLogin", { user, method: "registration" }, caller);
  return { ...started, user };
}

async function insert(
  client: Queryable,
  { table, configuration: { registration } }: AccountsContext,
  registrant: Omit<Registrant, "isEmailVerified">,
): Promise<User> {
  await reserveUsername(client, table, registrant.username);
  const statement = insertUser(table, registration, { ...registrant, id: registration.generateId?.() });
  const { rows } = await client.query<User>(statement.text, statement.values);
  if (rows[0] === undefined) throw refusedByRules(new Error("a trigger or a rule kept the new row out"));
  return toUser(rows[0]);
}
