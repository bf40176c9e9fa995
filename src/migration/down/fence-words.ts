import { AuthgraftError, DatabaseError, MigrationError } from "../../errors.ts";
import type { Finding } from "../finding.ts";
import { obstacle } from "../obstacle.ts";
import { explainError } from "../run/explain-error.ts";
import type { FenceRemoval } from "./remove-fence.ts";

/** What a person has to know of a fence besides why the run ended. */
interface FenceWords {
  readonly message: string;
  readonly fix: string;
}

/** The error of a `down` that ended behind its fence, with what became of that; as it is where all is open again. */
export function afterRemoval(error: unknown, removal: FenceRemoval): unknown {
  if (removal.fence === "kept") return withWords(error, keptWords(removal));
  return removal.archive === "left" ? withWords(error, leftWords(removal)) : error;
}

/** The error of a run that could not open the fence either. */
export function stillFenced(error: unknown): unknown {
  return withWords(error, {
    message:
      "The fence could not be taken away either: where it stands, it still refuses new values for sign-in.",
    fix: "authgraft up takes the fence away, authgraft down goes on behind it.",
  });
}

/** What a refusal adds for a fence that has to stay. */
export function fenceFindings(removal: FenceRemoval): Finding[] {
  if (removal.fence !== "kept") return [];
  const { message, fix } = keptWords(removal);
  return [obstacle("fence_left", removal.schema, message, fix)];
}

/** What a refusal changed all the same: it opens what an interrupted run had left closed. */
export function fenceNotes(removal: FenceRemoval, whose: "own" | "left"): string[] {
  const { fence, archive, schema } = removal;
  const opened =
    whose === "left" && (fence === "gone" || fence === "disarmed")
      ? ["The fence that an interrupted down had left is open: sign-in is refused no more."]
      : [];
  const dropped =
    archive === "dropped"
      ? [`The archive in the schema ${schema} was dropped: it held copies of what stands in the tables.`]
      : [];
  const left = archive === "left" ? [`${leftWords(removal).message} ${leftWords(removal).fix}`] : [];
  const triggers =
    fence === "disarmed"
      ? ["Its triggers could not be dropped now. They refuse nothing, and the next up or down drops them."]
      : [];
  return [...opened, ...triggers, ...dropped, ...left];
}

function keptWords({ schema }: FenceRemoval): FenceWords {
  return {
    message: `Part of the graft is out, and what it held is in the schema ${schema}: the fence stands, and refuses new values for sign-in.`,
    fix: "authgraft down --archive goes on from there, authgraft up --restore brings everything back.",
  };
}

function leftWords({ schema }: FenceRemoval): FenceWords {
  return {
    message: `The archive in the schema ${schema} holds copies of what stands in the tables and could not be dropped, because somebody holds it.`,
    fix: `Before the next down --archive, drop it: DROP SCHEMA ${schema} CASCADE.`,
  };
}

function withWords(error: unknown, words: FenceWords): unknown {
  const known = explainError(error);
  if (!(known instanceof AuthgraftError)) return error;
  const Family = known instanceof DatabaseError ? DatabaseError : MigrationError;
  const fix = known.fix === undefined ? words.fix : `${known.fix} ${words.fix}`;
  return new Family(known.code, `${known.message} ${words.message}`, { fix, cause: known });
}
