import { argon2Format } from "../../../src/passwords/formats/argon2.ts";
import { aspnetIdentityFormat } from "../../../src/passwords/formats/aspnet-identity.ts";
import { atlassianFormat } from "../../../src/passwords/formats/atlassian.ts";
import { bcryptFormat } from "../../../src/passwords/formats/bcrypt.ts";
import { bcryptPepperedFormat } from "../../../src/passwords/formats/bcrypt-peppered.ts";
import { bcryptSha256Format } from "../../../src/passwords/formats/bcrypt-sha256.ts";
import { djangoArgon2Format } from "../../../src/passwords/formats/django-argon2.ts";
import { djangoBcryptFormat } from "../../../src/passwords/formats/django-bcrypt.ts";
import { firebaseScryptFormat } from "../../../src/passwords/formats/firebase-scrypt.ts";
import { keycloakFormat } from "../../../src/passwords/formats/keycloak.ts";
import { pbkdf2Format } from "../../../src/passwords/formats/pbkdf2.ts";
import { saltKeyScryptFormat } from "../../../src/passwords/formats/salt-key-scrypt.ts";
import { scryptFormat } from "../../../src/passwords/formats/scrypt.ts";
import { springFormat } from "../../../src/passwords/formats/spring.ts";
import { classOf } from "../../../src/passwords/hash-class.ts";
import { peppered } from "../../../src/passwords/pepper.ts";
import type { StoredHash } from "../../../src/passwords/stored-hash.ts";
import { testMutations } from "./test-mutations.ts";

const FORMATS = [
  argon2Format,
  aspnetIdentityFormat,
  atlassianFormat,
  bcryptFormat,
  bcryptPepperedFormat,
  bcryptSha256Format,
  djangoArgon2Format,
  djangoBcryptFormat,
  firebaseScryptFormat,
  keycloakFormat,
  pbkdf2Format,
  saltKeyScryptFormat,
  scryptFormat,
  springFormat,
];

const bytes = (length: number) => Buffer.alloc(length, 9);
const base64 = (length: number) => bytes(length).toString("base64");
const unpadded = (length: number) => base64(length).replace(/=+$/, "");
const HEX = bytes(64).toString("hex");

const BCRYPT = `$2b$04$${"a".repeat(21)}O${"a".repeat(30)}.`;
const ARGON2 = `$argon2id$v=19$m=8,t=1,p=1$${unpadded(16)}$${unpadded(32)}`;
const SIGNER_KEY = base64(64);
const SETTINGS = { pepper: "pepper", firebaseSignerKey: SIGNER_KEY, unsalted: "verify" } as const;

/** One text for each way of writing, as cheap as its format lets it be. */
const SEEDS: readonly string[] = [
  ARGON2,
  ARGON2.replace("$v=19", ""),
  `argon2${ARGON2}`,
  BCRYPT,
  peppered(BCRYPT, SETTINGS.pepper),
  `$bcrypt-sha256$2b,4$${BCRYPT.slice(7, 29)}$${BCRYPT.slice(29)}`,
  `$bcrypt-sha256$v=2,t=2b,r=4$${BCRYPT.slice(7, 29)}$${BCRYPT.slice(29)}`,
  `bcrypt$${BCRYPT}`,
  `bcrypt_sha256$${BCRYPT}`,
  `$pbkdf2-sha256$i=2,l=32$${unpadded(16)}$${unpadded(32)}`,
  `$pbkdf2$2$${unpadded(16)}$${unpadded(20)}`,
  `pbkdf2_sha256$2$salt$${base64(32)}`,
  `pbkdf2:sha512:2$salt$${HEX}`,
  `{PBKDF2-SHA512}2$${unpadded(16)}$${unpadded(64)}`,
  `{PKCS5S2}${base64(48)}`,
  Buffer.concat([Buffer.from("01000000010000000200000010", "hex"), bytes(48)]).toString("base64"),
  Buffer.concat([Buffer.alloc(1), bytes(48)]).toString("base64"),
  `$scrypt$ln=1,r=1,p=1$${unpadded(16)}$${unpadded(32)}`,
  `$7$/6..../....salt$${"a".repeat(42)}.`,
  `scrypt:2:8:1$salt$${HEX}`,
  `scrypt$2$salt$8$1$${base64(64)}`,
  `$firebase-scrypt$ln=1,r=8$${base64(10)}$Bw==$${base64(64)}`,
  `$fbscrypt$v=1,n=1,r=8,p=1,ss=Bw==,sk=${SIGNER_KEY}$${base64(10)}$${base64(64)}`,
  `$firescrypt$ln=1,r=8,p=1$${base64(10)}$${base64(64)}$Bw==$${SIGNER_KEY}`,
  `${HEX.slice(0, 32)}:${HEX}`,
  `s2:abcdefghij012345:${HEX}`,
  `{bcrypt}${BCRYPT}`,
  `{argon2}${ARGON2}`,
  `{pbkdf2}${HEX.slice(0, 80)}`,
  `{scrypt}$10801$${base64(16)}$${base64(32)}`,
  `$10801$${base64(16)}$${base64(32)}`,
  `{sha256}${HEX.slice(0, 80)}`,
  `{SHA-256}{salt}${HEX.slice(0, 64)}`,
  JSON.stringify({
    secretData: JSON.stringify({ value: base64(32), salt: base64(16) }),
    credentialData: JSON.stringify({ hashIterations: 2, algorithm: "pbkdf2-sha256" }),
  }),
];

/** What would slow the suite is read, but not verified; bcrypt's cost is a logarithm. */
function isCheap(stored: string, reading: StoredHash): boolean {
  return classOf(stored, reading).weight < 50_000 && Number(reading.parameters.cost ?? 0) < 6;
}

testMutations({ formats: FORMATS, settings: SETTINGS, seeds: SEEDS, runs: 1_000, isCheap });
