import { randomBytes } from "node:crypto";
import { hash } from "@node-rs/bcrypt";
import { connect } from "../../postgres/connect.ts";
import type { SampleDatabase } from "./databases.ts";

/** A user who was there before the graft, and the password that was brought along for them. */
export interface ExistingUser {
  readonly username: string;
  readonly password: string;
}

/**
 * Gives one user of a sample a bcrypt hash, as bringing hashes along from another system would: this is
 * how somebody who existed before the change signs in after it. The password is new at every start.
 */
export async function bringHashAlong(database: SampleDatabase): Promise<ExistingUser> {
  const password = randomBytes(9).toString("base64url");
  const client = await connect(database.url, { applicationName: "authgraft demo" });
  try {
    const { rows } = await client.query<{ username: string }>(
      `UPDATE public.users SET password_hash = $1 WHERE id = (
         SELECT id FROM public.users WHERE username ~ '^[A-Za-z0-9_.-]{3,20}$' ORDER BY created_at, id LIMIT 1)
       RETURNING username`,
      [await hash(password, { cost: 10 })],
    );
    const username = rows[0]?.username;
    if (username === undefined) throw new TypeError("the sample has no user with a plain name");
    return { username, password };
  } finally {
    await client.end();
  }
}
