import { readFile } from "node:fs/promises";
import type { ImportOptions } from "../../accounts/import/import-options.ts";
import type { Match } from "../../accounts/import/matching.ts";
import { FORMATS } from "../../accounts/import/recognise.ts";
import { parseFirebaseParameters } from "../../accounts/import/records/firebase-parameters.ts";
import { parseColumnOption } from "../../accounts/import/source/roles.ts";
import type { SharedFlags } from "../context.ts";
import { wrongUsage } from "../rehearse/usage.ts";

/** The options of an import, as the parser hands them on. */
export interface ImportFlags extends SharedFlags {
  readonly format?: string;
  readonly match?: string;
  readonly column?: readonly string[];
  readonly ignore?: readonly string[];
  readonly sourceTable?: string;
  readonly keepIds?: boolean;
  readonly existingOnly?: boolean;
  readonly replacePasswords?: boolean;
  readonly withAdmins?: boolean;
  readonly trustVerifiedEmails?: boolean;
  readonly trustUnverifiedEmails?: boolean;
  readonly withoutUnverifiableHashes?: boolean;
  readonly skipInvalid?: boolean;
  readonly dryRun?: boolean;
  readonly hashPepperEnv?: string;
  readonly firebaseParams?: string;
  readonly report?: string;
}

const MATCHES: readonly Match[] = ["id", "username", "email"];

/** @throws ConfigurationError `usage_invalid`. */
export async function importOptions(
  flags: ImportFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ImportOptions> {
  return {
    format: flags.format === undefined ? null : oneOf("--format", flags.format, FORMATS),
    match: flags.match === undefined ? null : oneOf("--match", flags.match, MATCHES),
    columns: new Map((flags.column ?? []).map(parseColumnOption)),
    ignore: flags.ignore ?? [],
    sourceTable: flags.sourceTable ?? "auth_user",
    keepIds: flags.keepIds ?? false,
    existingOnly: flags.existingOnly ?? false,
    replacePasswords: flags.replacePasswords ?? false,
    withAdmins: flags.withAdmins ?? false,
    trustVerifiedEmails: flags.trustVerifiedEmails ?? false,
    trustUnverifiedEmails: flags.trustUnverifiedEmails ?? false,
    withoutUnverifiableHashes: flags.withoutUnverifiableHashes ?? false,
    skipInvalid: flags.skipInvalid ?? false,
    dryRun: flags.dryRun ?? false,
    pepper: flags.hashPepperEnv === undefined ? null : pepperIn(flags.hashPepperEnv, environment),
    firebase:
      flags.firebaseParams === undefined ? null : parseFirebaseParameters(await textOf(flags.firebaseParams)),
  };
}

function oneOf<Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const word = words.find((candidate) => candidate === text);
  if (word !== undefined) return word;
  throw wrongUsage(`${option} ${text}: there is no such one.`, `Say one of ${words.join(", ")}.`);
}

function pepperIn(name: string, environment: Readonly<Record<string, string | undefined>>): string {
  const pepper = environment[name];
  if (pepper !== undefined && pepper !== "") return pepper;
  throw wrongUsage(
    `--hash-pepper-env: the environment has no ${name}.`,
    `Put the pepper into it: the name of the variable is given, never the pepper itself.`,
  );
}

async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw wrongUsage(`--firebase-params: ${path} cannot be read.`, "Check the path.", cause);
  });
}
