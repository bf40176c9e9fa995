import type { Match } from "./matching.ts";
import type { Format } from "./recognise.ts";
import type { FirebaseProject } from "./records/firebase-parameters.ts";
import type { Role } from "./source/roles.ts";

/** What a person says about an import. */
export interface ImportOptions {
  /** Null: told by the file. */
  readonly format: Format | null;
  /** Null: the first of id, email and username that the file has. */
  readonly match: Match | null;
  readonly columns: ReadonlyMap<Role, string>;
  readonly ignore: readonly string[];
  /** The table of users in a dump. */
  readonly sourceTable: string;
  /** Whether a service's own ids become the users' ids. */
  readonly keepIds: boolean;
  /** Whether rows without a user are left out instead of becoming one. */
  readonly existingOnly: boolean;
  readonly replacePasswords: boolean;
  readonly withAdmins: boolean;
  readonly trustVerifiedEmails: boolean;
  /** Whether an address that the file calls unverified still says which user a row is. */
  readonly trustUnverifiedEmails: boolean;
  /** Whether rows whose hash verifies nothing are carried without a password instead of being refused. */
  readonly withoutUnverifiableHashes: boolean;
  /** Whether to go on past rows that do not fit. */
  readonly skipInvalid: boolean;
  readonly dryRun: boolean;
  readonly pepper: string | null;
  readonly firebase: FirebaseProject | null;
}
