import { MigrationError } from "../../errors.ts";
import type { Situation } from "../situation.ts";
import type { DownChoices } from "../step.ts";
import { compareRelations } from "./compare.ts";
import { expectedAfterDown } from "./expected.ts";

/** What a person should know of columns that `down` leaves nullable. */
export function nullableNotes({ keepNullable }: DownChoices): string[] {
  if (keepNullable.length === 0) return [];
  return [
    `${keepNullable.join(" and ")} stay nullable: users without a provider are still there, and no row is deleted or invented.`,
  ];
}

/**
 * What is left of a whole graft that is out.
 *
 * @throws MigrationError `migration_failed` when the users table is not as it was before.
 */
export function differenceNotes(before: Situation, after: Situation, choices: DownChoices): string[] {
  const differences = compareRelations(expectedAfterDown(before, choices), after.users);
  if (differences.length === 0)
    return ["Dropped columns leave their bytes in the table until its rows are rewritten."];
  throw new MigrationError(
    "migration_failed",
    `The graft is out, but the users table is not as it was: ${differences.join("; ")}.`,
    {
      fix: "Somebody else may have changed the table meanwhile; compare with the last backup.",
    },
  );
}
