import { createHash, createHmac } from "node:crypto";

const SALT = Buffer.from("the salt of all tests");

/**
 * What PostgreSQL stores for a password, made with one round of PBKDF2 instead of 4,096: thousands of connections are
 * made, and both sides derive the key for each. Before 16 the number of rounds is no setting, but a role takes this.
 *
 * @see https://datatracker.ietf.org/doc/html/rfc5803#section-2
 */
export function scramVerifier(password: string): string {
  const salted = hmac(password, Buffer.concat([SALT, Buffer.from([0, 0, 0, 1])]));
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$1:${SALT.toString("base64")}$${storedKey}:${serverKey}`;
}

function hmac(key: string | Buffer, text: string | Buffer): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
