import { ConfigurationError } from "../errors.ts";

/**
 * Checks what was given as the database URL before anything is done with it. The messages hold no part of it.
 *
 * @throws ConfigurationError `database_url_missing`, `configuration_invalid`.
 */
export function checkDatabaseUrl(url: string | undefined): string {
  if (url === undefined || url === "") {
    throw new ConfigurationError("database_url_missing", "Which database? No URL was given.", {
      fix: "Give it with --database-url postgres://user:password@host:5432/database, or in DATABASE_URL.",
    });
  }
  if (!/^postgres(ql)?:\/\//.test(url)) throw invalid("does not begin with postgres://");
  if (!URL.canParse(url) || !isDecodable(url) || leavesCredentials(new URL(url)))
    throw invalid("cannot be taken apart");
  return url;
}

function isDecodable(url: string): boolean {
  try {
    return decodeURIComponent(url) !== "";
  } catch {
    return false;
  }
}

/** A password with a bare /, ? or # in it ends up in the path, and from there in messages. */
function leavesCredentials({ username, pathname, search, hash }: URL): boolean {
  return username === "" && `${pathname}${search}${hash}`.includes("@");
}

function invalid(what: string): ConfigurationError {
  return new ConfigurationError("configuration_invalid", `The database URL ${what}.`, {
    fix: "Give it as postgres://user:password@host:5432/database; in the password write @ as %40, / as %2F, ? as %3F, # as %23, % as %25.",
  });
}
