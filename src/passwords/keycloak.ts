import { decodePaddedBase64, encodeBase64 } from "./base64.ts";

/** Longer than any credential that Keycloak exports. */
const LONGEST = 4_096;

/** Keycloak's names for PBKDF2's digests. */
const PBKDF2 = {
  pbkdf2: "sha1",
  "pbkdf2-sha1": "sha1",
  "pbkdf2-sha256": "sha256",
  "pbkdf2-sha512": "sha512",
} as const;

/** RFC 9106's numbers of Argon2's versions. */
const ARGON2_VERSION = { "1.0": 16, "1.3": 19 } as const;

/**
 * Writes a password credential of Keycloak's export (its JSON) as a PHC string, which fits a column of 255
 * characters; null where it is none or its algorithm is not one of Keycloak's own.
 *
 * @example compactKeycloakCredential('{"secretData":"{…}","credentialData":"{…}"}')
 *   // "$pbkdf2-sha256$i=27500$<salt>$<key>"
 */
export function compactKeycloakCredential(json: string): string | null {
  const credential = json.length > LONGEST ? null : readCredential(json);
  if (credential === null) return null;
  const { algorithm } = credential;
  if (algorithm === "argon2") return writeArgon2(credential);
  if (!Object.hasOwn(PBKDF2, algorithm)) return null;
  const digest = PBKDF2[algorithm as keyof typeof PBKDF2];
  return `$pbkdf2-${digest}$i=${credential.iterations}$${credential.salt}$${credential.value}`;
}

interface Credential {
  readonly algorithm: string;
  readonly iterations: number;
  /** Both base64 without padding. */
  readonly salt: string;
  readonly value: string;
  readonly additional: Fields;
}

type Fields = Readonly<Record<string, unknown>>;

/** Since version 8 there are two JSON texts inside; before, the fields stood in the credential itself. */
function readCredential(json: string): Credential | null {
  const outer = toFields(json);
  const secret = "secretData" in outer ? toFields(outer.secretData) : outer;
  const data = "credentialData" in outer ? toFields(outer.credentialData) : outer;
  const [salt, value] = [toUnpadded(secret.salt), toUnpadded(secret.value ?? secret.hashedSaltedValue)];
  const { algorithm, hashIterations: iterations } = data;
  if (salt === null || value === null || typeof algorithm !== "string") return null;
  if (typeof iterations !== "number" || !Number.isSafeInteger(iterations) || iterations < 1) return null;
  return { algorithm, iterations, salt, value, additional: toFields(data.additionalParameters) };
}

/** An object, or the object that a text is the JSON of; without fields where it is neither. */
function toFields(value: unknown): Fields {
  const parsed = typeof value === "string" ? parseJson(value) : value;
  return typeof parsed === "object" && parsed !== null ? (parsed as Fields) : {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toUnpadded(base64: unknown): string | null {
  const bytes = typeof base64 === "string" ? decodePaddedBase64(base64) : null;
  return bytes === null ? null : encodeBase64(bytes);
}

/** Each additional parameter is a list of one text. */
function writeArgon2({ iterations, salt, value, additional }: Credential): string | null {
  const first = (name: string) => [additional[name]].flat()[0];
  const [type, version, memory, lanes] = ["type", "version", "memory", "parallelism"].map(first);
  const isKnown = (number: unknown) => typeof number === "string" && /^[1-9]\d{0,9}$/.test(number);
  if (type !== "id" && type !== "i" && type !== "d") return null;
  if ((version !== "1.0" && version !== "1.3") || !isKnown(memory) || !isKnown(lanes)) return null;
  return `$argon2${type}$v=${ARGON2_VERSION[version]}$m=${memory},t=${iterations},p=${lanes}$${salt}$${value}`;
}
