/** A process that people sign out in. */
import { createAuth } from "../../../src/auth.ts";
import type { Pool, Queryable } from "../../../src/postgres/client.ts";
import { createPool } from "../../../src/postgres/connect.ts";
import type { Application } from "../application.ts";
import { beChild } from "../child.ts";
import { clock } from "../clock.ts";

beChild<Application>(async ({ url, secret }) => {
  let sent: number | null = null;
  // Of what revokes a token, the last statement is the COMMIT, or commits by itself.
  const noteRevoking = ({ query }: Queryable): Queryable["query"] => {
    let isRevoking = false;
    return (text, values) => {
      isRevoking ||= text.includes("revoked_tokens");
      if (isRevoking) sent = clock();
      return query(text, values);
    };
  };
  const pool = createPool(url, { applicationName: "bench" });
  const noting: Pool = {
    query: (text, values) => noteRevoking(pool)(text, values),
    async connect() {
      const client = await pool.connect();
      return { query: noteRevoking(client), release: client.release };
    },
  };
  const auth = await createAuth({ database: noting, secret });
  return {
    /** Signs a token out, and says when its COMMIT was sent. */
    async signOut(token: string) {
      sent = null;
      const headers = { authorization: `Bearer ${token}` };
      const request = new Request("http://localhost:8080/v1/auth/logout", { method: "POST", headers });
      const { status } = await auth.fetch(request);
      if (status !== 204 || sent === null) throw new Error(`nobody can sign out: ${status}`);
      return sent;
    },
  };
});
