import type { Context } from "hono";
import type { Accounts } from "../accounts/accounts.ts";
import type { Acting } from "../accounts/admin/acting.ts";
import type { RefusedUser } from "../accounts/admin/refused-user.ts";
import type { Caller } from "../accounts/caller.ts";
import { SignInError } from "../errors.ts";
import type { AdminKey } from "./admin-key.ts";
import { bearerToken } from "./bearer.ts";
import { callerOf } from "./caller.ts";
import type { Bindings } from "./parts.ts";

/** Finds out whether a request may do what administrators do, and who it is that does it. */
export interface AdminAccess {
  /** By the key where one is presented, else by the access token of an administrator. */
  administrator(context: AdminContext): Promise<Acting>;
  /** By the key alone. */
  keyHolder(context: AdminContext): Promise<Acting>;
}

/** A request as routes have it. */
export type AdminContext = Context<{ Bindings: Bindings }>;

/** What is needed for that. */
export interface AdminAccessParts {
  readonly key: AdminKey;
  readonly trustedProxies: number;
  /** Null where there are no accounts to ask about. */
  readonly accounts: Pick<Accounts, "authenticate"> | null;
  /** Told of a key that is not the one. */
  readonly refusedKey: (caller: Caller) => Promise<void>;
  /** Told of whose token it was that is no administrator. */
  readonly refusedUser: RefusedUser;
}

const HEADER = "x-admin-api-key";

/**
 * Makes both. They throw SignInError `invalid_credentials` for a wrong key, `invalid_token` where there is no token or one
 * that is not valid, `forbidden` for whose token it is that is no administrator; what `refusedKey` throws; DatabaseError.
 *
 * The database is asked about a token each time: whoever is demoted has no power from then on.
 */
export function createAdminAccess(parts: AdminAccessParts): AdminAccess {
  const { key, accounts, trustedProxies, refusedKey, refusedUser } = parts;
  const byKey = async (context: AdminContext, presented: string): Promise<Acting> => {
    const caller = callerOf(context, trustedProxies);
    if (key.matches(presented)) return { actor: { kind: "admin_key", id: null }, caller, claims: null };
    await refusedKey(caller);
    throw wrongKey();
  };
  return {
    async administrator(context) {
      const presented = context.req.header(HEADER);
      if (presented !== undefined || accounts === null) return byKey(context, presented ?? "");
      const caller = callerOf(context, trustedProxies);
      const { user, claims } = await accounts.authenticate(bearerToken(context));
      if (!user.is_admin) {
        await refusedUser({ claims }, caller);
        throw new SignInError("forbidden", "This is for administrators.");
      }
      return { actor: { kind: "administrator", id: user.id }, caller, claims };
    },
    async keyHolder(context) {
      const presented = context.req.header(HEADER);
      if (presented === undefined) throw wrongKey();
      return byKey(context, presented);
    },
  };
}

/** The same whether there is another key or none. */
function wrongKey(): SignInError {
  return new SignInError("invalid_credentials", "This takes the administrators' key, as X-Admin-API-Key.");
}
