import { malformed } from "../fault.ts";
import { compactKeycloakCredential } from "../keycloak.ts";
import { ARGON2_BOUNDS } from "../primitives/argon2.ts";
import { PBKDF2_BOUNDS } from "../primitives/pbkdf2.ts";
import type { PasswordFormat } from "../stored-hash.ts";

const ID = "keycloak";

/** A password credential of Keycloak's, as the JSON of its export. */
export const keycloakFormat: PasswordFormat = {
  id: ID,
  title: "PBKDF2 and Argon2 (Keycloak's credentials)",
  writtenBy: ["Keycloak"],
  shapes: ['{"secretData": …, "credentialData": …}'],
  bounds: [...PBKDF2_BOUNDS, ...ARGON2_BOUNDS],
  note: "The import writes them as PHC strings, which fit the column.",
  read(stored, { readInner }) {
    if (!/^\s{0,8}\{\s{0,8}"/.test(stored)) return null;
    const compact = compactKeycloakCredential(stored);
    if (compact === null) return malformed(ID, "It is no password credential of Keycloak's.");
    return { ...readInner(compact), format: ID };
  },
};
