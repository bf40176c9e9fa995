import { ConfigurationError } from "../../../errors.ts";
import type { FirebaseHashParameters } from "../../../passwords/firebase.ts";

/** A project's hash parameters; the signer key is a secret. */
export interface FirebaseProject {
  readonly signerKey: string;
  readonly parameters: FirebaseHashParameters;
}

/**
 * Reads a project's password hash parameters as Firebase's console shows them, `hash_config { … }`, or the same
 * as JSON. No message repeats what is in it.
 *
 * @throws ConfigurationError `usage_invalid`.
 */
export function parseFirebaseParameters(text: string): FirebaseProject {
  const value = (name: string) =>
    new RegExp(`["']?\\b${name}\\b["']?\\s*[:=]\\s*(?:"([^"\\n]*)"|([\\w+/=-]+))`).exec(text);
  const said = (name: string) => value(name)?.[1] ?? value(name)?.[2] ?? "";
  const algorithm = said("algorithm").toUpperCase();
  if (algorithm !== "" && algorithm !== "SCRYPT") {
    throw wrong("its algorithm is not SCRYPT");
  }
  return {
    signerKey: base64(said("base64_signer_key"), "base64_signer_key"),
    parameters: {
      saltSeparator: base64(said("base64_salt_separator"), "base64_salt_separator"),
      rounds: between(1, 120, said("rounds"), "rounds"),
      memoryCost: between(1, 25, said("mem_cost"), "mem_cost"),
    },
  };
}

function base64(text: string, name: string): string {
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return text.replaceAll("-", "+").replaceAll("_", "/");
  throw wrong(`${name} is missing or no base64`);
}

function between(least: number, most: number, text: string, name: string): number {
  const number = Number(text);
  if (/^\d{1,3}$/.test(text) && number >= least && number <= most) return number;
  throw wrong(`${name} is missing or not between ${least} and ${most}`);
}

function wrong(what: string): ConfigurationError {
  return new ConfigurationError("usage_invalid", `--firebase-params: ${what}.`, {
    fix: "In Firebase's console, Authentication, Users, ⋮, Password hash parameters: put what it shows into the file as it is.",
  });
}
