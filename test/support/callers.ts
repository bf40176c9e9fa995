import { pbkdf2Sync } from "node:crypto";
import { BY_KEY } from "./admin.ts";
import type { TestAuth } from "./auth.ts";
import type { TestDatabase } from "./postgres.ts";
import { basic, SHOP } from "./service.ts";

/** In whose name a request may come. */
export const CALLERS = ["nobody", "garbage", "user", "administrator", "service", "operator"] as const;

/** One of them. */
export type CallerKind = (typeof CALLERS)[number];

/** The header fields that requests are sent with. */
export interface Callers {
  /** Those of a caller of that kind: of somebody signed in, always the same until `renew`. */
  headers(kind: CallerKind): Promise<Readonly<Record<string, string>>>;
  /** Whoever was signed in may have been signed out by what was asked: the next one is somebody new. */
  renew(kind: CallerKind): void;
}

/** Makes people for sample B whose passwords cost next to nothing to check. */
export function openCallers(auth: TestAuth, database: TestDatabase, password: string): Callers {
  const tokens = new Map<CallerKind, Promise<string>>();
  const hash = cheapHash(password);
  let people = 0;
  const signIn = async (kind: CallerKind): Promise<string> => {
    people += 1;
    const username = `caller-${people}`;
    await database.query(
      "INSERT INTO users (username, display_name, email, password_hash, is_admin) VALUES ($1, 'Caller', $2, $3, $4)",
      [username, `${username}@example.com`, hash, kind === "administrator"],
    );
    const { body } = await auth.post("/v1/auth/login", { username, password });
    if (typeof body?.token !== "string")
      throw new Error(`${username} cannot sign in: ${JSON.stringify(body)}`);
    return body.token;
  };
  return {
    async headers(kind) {
      if (kind === "nobody") return {};
      if (kind === "garbage")
        return { authorization: "Bearer eyJhbGciOiJub25lIn0.e30.", cookie: "authgraft_refresh=x" };
      if (kind === "service") return basic(SHOP);
      if (kind === "operator") return BY_KEY;
      const token = tokens.get(kind) ?? signIn(kind);
      tokens.set(kind, token);
      return { authorization: `Bearer ${await token}` };
    },
    renew: (kind) => void tokens.delete(kind),
  };
}

/** One round of PBKDF2, as Django writes it. */
export function cheapHash(password: string): string {
  const salt = "salt-of-no-worth";
  const key = pbkdf2Sync(password, salt, 1, 32, "sha256").toString("base64");
  return `pbkdf2_sha256$1$${salt}$${key}`;
}
