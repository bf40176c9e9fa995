/** `jose.jwtVerify` of the same tokens, with the same demands, and, where a database is given, a look at what is revoked. */
import { importJWK, type JWK, jwtVerify } from "jose";
import { createPool } from "../../../src/postgres/connect.ts";
import { beVerifier } from "./be-verifier.ts";

/** The public key, and where the revoked tokens stand; null where nobody asks. */
export interface JoseOptions {
  readonly key: JWK;
  readonly url: string | null;
}

/** What an Authgraft token is held to. */
const EXPECTED = {
  algorithms: ["ES256"],
  typ: "at+jwt",
  issuer: "http://localhost:8080",
  audience: "authgraft",
  requiredClaims: ["sub", "client_id", "iat", "exp", "jti", "sid", "gen"],
  clockTolerance: 5,
};

const LOOK = "SELECT 1 FROM public.revoked_tokens WHERE jti = $1";

beVerifier<JoseOptions>(async ({ key: jwk, url }) => {
  const key = await importJWK(jwk, "ES256");
  if (url === null) return (token) => jwtVerify(token, key, EXPECTED);
  const pool = createPool(url, { applicationName: "bench" });
  return async (token) => {
    const { payload } = await jwtVerify(token, key, EXPECTED);
    const { rows } = await pool.query(LOOK, [payload.jti]);
    if (rows.length > 0) throw new Error("revoked");
    return payload;
  };
});
