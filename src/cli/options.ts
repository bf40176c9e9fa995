import { type Command, InvalidArgumentError } from "commander";

/** Options of bringing users in. */
export function importing(command: Command): Command {
  return command
    .option("--dry-run", "only say what would become of each row; writes nothing")
    .option("--format <name>", "plain, firebase, auth0, keycloak or django (default: told by the file)")
    .option("--match <part>", "id, email or username (default: the first of them that the file has)")
    .option("--column <role=header...>", "which header has which role, where they have other names")
    .option("--ignore <header...>", "leave these headers out; '*' is all that are not known")
    .option("--existing-only", "make no new users")
    .option("--replace-passwords", "replace the password of users who have one")
    .option("--trust-verified-emails", "take over which addresses were verified")
    .option("--trust-unverified-emails", "match users by emails that the file says were never verified")
    .option("--with-admins", "take over who is an administrator")
    .option("--keep-ids", "give new users the ids that a service's export has")
    .option("--skip-invalid", "go on without rows that do not fit")
    .option("--without-unverifiable-hashes", "import rows whose hash verifies nothing without a password")
    .option("--report <file>", "write every row that does not fit, and why, as CSV")
    .option("--firebase-params <file>", "the project's password hash parameters, as Firebase shows them")
    .option("--hash-pepper-env <name>", "the environment variable with the pepper of the bcrypt hashes")
    .option("--source-table <name>", "the table of users in a dump (default: auth_user)");
}

/** Options of every command that works on a database. */
export function shared(command: Command): Command {
  return command
    .option("--database-url <url>", "the database (or DATABASE_URL)")
    .option("--table <name>", "the users table, with its schema where it needs one (default: users)")
    .option("--config <file>", "the configuration (default: authgraft.config.ts, .js or .json)")
    .option("--accept <code...>", "go on in spite of these findings, which you have read")
    .option("--json", "print data for machines")
    .option("--yes", "do not ask");
}

/** Options of commands that take strong locks. */
export function changing(command: Command): Command {
  return shared(command)
    .option(
      "--lock-budget <milliseconds>",
      "how long an application query may be made to wait (default 50)",
      wholeNumber,
    )
    .option("--lock-deadline <seconds>", "how long to try for a lock (default 600)", positiveNumber);
}

/** @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}

function positiveNumber(text: string): number {
  if (/^\d{1,9}(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("It must be a number above 0.");
}
