import { decodePaddedBase64 } from "../base64.ts";
import { malformed } from "../fault.ts";
import { PBKDF2_BOUNDS, type Pbkdf2Digest, type Pbkdf2Parts, readPbkdf2 } from "../primitives/pbkdf2.ts";
import type { PasswordFormat } from "../stored-hash.ts";

const ID = "aspnet-identity";

/** 0x00, 16 bytes of salt, 32 of key. */
const VERSION_2_TEXT = /^A[A-P][A-Za-z0-9+/]{64}==$/;
const VERSION_2_BYTES = 49;

/** 0x01, then four bytes of a number that is below 4. */
const VERSION_3_START = /^AQAAAA[A-P]/;
/** As wide as such columns are; salt and key are 16 and 32 bytes unless somebody changed the source. */
const VERSION_3_LONGEST = 256;

/** The functions by their numbers. */
const VERSION_3_DIGESTS: readonly Pbkdf2Digest[] = ["sha1", "sha256", "sha512"];

/**
 * ASP.NET Core Identity's hashes: base64 of a version, parameters, salt and key, big endian.
 *
 * @see https://github.com/dotnet/aspnetcore/blob/main/src/Identity/Extensions.Core/src/PasswordHasher.cs
 */
export const aspnetIdentityFormat: PasswordFormat = {
  id: ID,
  title: "ASP.NET Identity, versions 2 and 3",
  writtenBy: ["ASP.NET Identity", "ASP.NET Core Identity"],
  shapes: ["AQAAAA… (version 3)", "A…, 68 characters of base64 (version 2)"],
  bounds: PBKDF2_BOUNDS,
  read(stored) {
    if (VERSION_3_START.test(stored)) {
      const parts = stored.length > VERSION_3_LONGEST ? null : readVersion3(decodePaddedBase64(stored));
      return parts === null ? malformed(ID) : readPbkdf2(ID, parts);
    }
    // Nothing but length and first byte is this version's own, so whatever does not fit is somebody else's.
    const parts = VERSION_2_TEXT.test(stored) ? readVersion2(decodePaddedBase64(stored)) : null;
    return parts === null ? null : readPbkdf2(ID, parts);
  },
};

function readVersion2(bytes: Buffer | null): Pbkdf2Parts | null {
  if (bytes?.length !== VERSION_2_BYTES || bytes[0] !== 0) return null;
  return { digest: "sha1", iterations: 1_000, salt: bytes.subarray(1, 17), key: bytes.subarray(17) };
}

/** 0x01; four bytes each of function, iterations and length of the salt; salt; key. */
function readVersion3(bytes: Buffer | null): Pbkdf2Parts | null {
  if (bytes === null || bytes.length < 13) return null;
  const digest = VERSION_3_DIGESTS[bytes.readUInt32BE(1)];
  const saltEnd = 13 + bytes.readUInt32BE(9);
  if (digest === undefined || saltEnd < 13 + 16 || saltEnd > bytes.length) return null;
  return {
    digest,
    iterations: bytes.readUInt32BE(5),
    salt: bytes.subarray(13, saltEnd),
    key: bytes.subarray(saltEnd),
  };
}
