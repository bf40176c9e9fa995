import { CompactSign, type CryptoKey, decodeJwt, decodeProtectedHeader } from "jose";
import { type KeyPair, openSealedKey } from "../../src/tokens/sealed-key.ts";
import { deriveKey } from "../../src/tokens/secret.ts";
import { TEST_SECRET } from "./auth.ts";
import type { TestDatabase } from "./postgres.ts";

/** The server's own signing key, as only its secret opens it: for tokens that are wrong in one thing alone. */
export async function signingKeyOf(database: TestDatabase): Promise<KeyPair> {
  const { rows } = await database.query<{ kid: string; private_jwe: string }>(
    "SELECT kid, private_jwe FROM authgraft.signing_keys ORDER BY created_at DESC LIMIT 1",
  );
  const [row] = rows;
  const key =
    row &&
    (await openSealedKey({ kid: row.kid, privateJwe: row.private_jwe }, [
      deriveKey(TEST_SECRET, "signing keys"),
    ]));
  if (!key) throw new Error("the database has no signing key that the test's secret opens");
  return key;
}

/** What to change in a token; `undefined` takes a member away. */
export interface Changes {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** The same token with some members changed, signed anew. */
export async function resign(
  token: string,
  key: CryptoKey | Uint8Array,
  { header, claims }: Changes,
): Promise<string> {
  const payload = JSON.stringify({ ...decodeJwt(token), ...claims });
  const changed = { ...decodeProtectedHeader(token), ...header };
  return new CompactSign(Buffer.from(payload))
    .setProtectedHeader(JSON.parse(JSON.stringify(changed)))
    .sign(key, { crit: { "urn:example:must": true } });
}

/** A token put together by hand, with a signature of any kind. */
export function assemble(header: object, payload: object, signature = ""): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(payload)}.${signature}`;
}
