/** fast-jwt of the same tokens, with the same demands, with its cache or without. Plain JavaScript, as it is a dependency of the benchmarks alone. */
import { createPublicKey } from "node:crypto";
import { createVerifier } from "fast-jwt";
import { beVerifier } from "./be-verifier.ts";

beVerifier(async ({ key: jwk, cache }) => {
  const key = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
  return createVerifier({
    key,
    cache,
    algorithms: ["ES256"],
    checkTyp: "at+jwt",
    allowedIss: "http://localhost:8080",
    allowedAud: "authgraft",
    requiredClaims: ["sub", "client_id", "iat", "exp", "jti", "sid", "gen"],
    clockTolerance: 5_000,
  });
});
