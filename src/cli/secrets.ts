import { readFile } from "node:fs/promises";
import { ConfigurationError } from "../errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The current secret, and after it the one before it where there is one: each from its variable, or from the file that
 * another variable names. What is empty is not set.
 *
 * @throws ConfigurationError `secret_weak` where there is no current one, `configuration_invalid` where a
 *   file cannot be read or both variables are set. No message holds any of it.
 */
export async function readSecrets(environment: Environment): Promise<readonly string[]> {
  const current = await readSecret(
    { name: "AUTHGRAFT_SECRET", value: environment.AUTHGRAFT_SECRET },
    { name: "AUTHGRAFT_SECRET_FILE", value: environment.AUTHGRAFT_SECRET_FILE },
  );
  const previous = await readSecret(
    { name: "AUTHGRAFT_SECRET_PREVIOUS", value: environment.AUTHGRAFT_SECRET_PREVIOUS },
    { name: "AUTHGRAFT_SECRET_PREVIOUS_FILE", value: environment.AUTHGRAFT_SECRET_PREVIOUS_FILE },
  );
  if (current === "") throw missing(environment.AUTHGRAFT_SECRET_FILE);
  return previous === "" ? [current] : [current, previous];
}

/**
 * The URL of the mail server, from its variable or from the file that another one names; undefined where neither is
 * set.
 *
 * @throws ConfigurationError `configuration_invalid` where the file cannot be read or is empty, or both are set.
 */
export async function readSmtpUrl(environment: Environment): Promise<string | undefined> {
  const url = await readSecret(
    { name: "AUTHGRAFT_SMTP_URL", value: environment.AUTHGRAFT_SMTP_URL },
    { name: "AUTHGRAFT_SMTP_URL_FILE", value: environment.AUTHGRAFT_SMTP_URL_FILE },
  );
  if (url !== "") return url;
  const file = environment.AUTHGRAFT_SMTP_URL_FILE;
  if (!file) return undefined;
  throw new ConfigurationError(
    "configuration_invalid",
    `${file}, which AUTHGRAFT_SMTP_URL_FILE names, is empty.`,
    { fix: "Write the URL of the mail server into that file, or do not name it." },
  );
}

interface Variable {
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * A secret from its variable or from the file that another one names; empty where neither is set.
 *
 * @throws ConfigurationError `configuration_invalid` where the file cannot be read, or both are set.
 */
export async function readSecret(direct: Variable, file: Variable): Promise<string> {
  if (!file.value) return direct.value ?? "";
  if (direct.value) {
    throw new ConfigurationError("configuration_invalid", `Both ${direct.name} and ${file.name} are set.`, {
      fix: "Set one of them.",
    });
  }
  return readSecretFile(file.name, file.value);
}

/**
 * What editors and shells add is not a part of the secret: a byte order mark before it, and after it line breaks and
 * other white space.
 */
async function readSecretFile(name: string, path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "").trimEnd();
  } catch (cause) {
    throw new ConfigurationError("configuration_invalid", `The file that ${name} names cannot be read.`, {
      fix: `Check that ${path} is there and may be read.`,
      cause,
    });
  }
}

function missing(file: string | undefined): ConfigurationError {
  const made = "Make one with `openssl rand -base64 48`";
  if (file) {
    return new ConfigurationError("secret_weak", `${file}, which AUTHGRAFT_SECRET_FILE names, is empty.`, {
      fix: `${made} and write it into that file.`,
    });
  }
  return new ConfigurationError("secret_weak", "AUTHGRAFT_SECRET is not set.", {
    fix: `${made}, keep it where you keep secrets, and set it as AUTHGRAFT_SECRET, or name the file that it is in as AUTHGRAFT_SECRET_FILE.`,
  });
}
