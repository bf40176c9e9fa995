import { ARGON2_BOUNDS, readArgon2 } from "../primitives/argon2.ts";
import type { PasswordFormat } from "../stored-hash.ts";

const PREFIX = "argon2$";

/** Argon2 as Django writes it: `argon2` in front of the PHC string. */
export const djangoArgon2Format: PasswordFormat = {
  id: "django-argon2",
  title: "Argon2 (Django)",
  writtenBy: ["Django", "passlib"],
  shapes: ["argon2$argon2id$v=19$", "argon2$argon2i$v=19$"],
  bounds: ARGON2_BOUNDS,
  // The PHC string begins with the prefix's own last character.
  read: (stored) =>
    stored.startsWith(PREFIX) ? readArgon2("django-argon2", stored.slice(PREFIX.length - 1)) : null,
};
