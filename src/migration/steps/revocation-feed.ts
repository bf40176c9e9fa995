import { qualify } from "../../postgres/identifiers.ts";
import { createFunction, feedFunctions } from "../feed-functions.ts";
import { createTrigger, dropTrigger, FEED, FEED_TABLES, type FeedTrigger } from "../feed-triggers.ts";
import { tableName } from "../names.ts";
import { forgetProvenance, ownNames, recordProvenance } from "../provenance.ts";
import type { ProvenanceRow, Situation } from "../situation.ts";
import type { Section, Step } from "../step.ts";
import { findGraftTable } from "../table-sql.ts";

const ID = "revocation-feed";

/** The triggers that write down what ended, whoever ended it: a server, a person at psql, the old application. */
export const revocationFeedStep: Step = {
  id: ID,
  title: () => "Let triggers write down every token that ends",
  reason: () =>
    "A token also ends when the application deletes its user, or a person its session: triggers see all of it, on the graft's own tables only.",
  isWanted: () => true,
  isDone: (situation) => FEED.every((trigger) => stands(situation, trigger)),
  isPresent: (situation) => ownNames(situation, "trigger").length > 0,
  up: (situation) => (revocationFeedStep.isDone(situation) ? [] : [creation(situation)]),
  down: (situation) => [removal(situation)],
  obstacles: () => [],
  losses: () => [],
  fences: () => [],
};

/** As it was made: enabled, and with the function of this version behind it. */
function stands(situation: Situation, trigger: FeedTrigger): boolean {
  const relation = findGraftTable(situation, trigger.table);
  const found = relation?.triggers.find(({ name }) => name === trigger.name);
  const wanted = feedFunctions(situation).find(({ name }) => name === trigger.function);
  return (
    found !== undefined &&
    found.enabled === "O" &&
    found.functionSchema === situation.configuration.schema &&
    found.functionName === trigger.function &&
    found.functionSource === wanted?.body &&
    ownNames(situation, "trigger").includes(recordedName(trigger))
  );
}

function recordedName({ table, name }: FeedTrigger): string {
  return `${table.name}.${name}`;
}

function creation(situation: Situation): Section {
  const rows = FEED.map(
    (trigger): ProvenanceRow => ({
      ...{ kind: "trigger", name: recordedName(trigger), origin: "graft" },
      ...{ before: null, made: null, step: ID },
    }),
  );
  return {
    transactional: true,
    lock: "SHARE ROW EXCLUSIVE",
    ...locked(situation),
    statements: [
      ...feedFunctions(situation).flatMap((made) => createFunction(situation, made)),
      ...FEED.map((trigger) => createTrigger(situation, trigger)),
      recordProvenance(situation.configuration.schema, rows),
    ],
  };
}

function removal(situation: Situation): Section {
  const { schema } = situation.configuration;
  const standing = FEED.filter(({ table }) => findGraftTable(situation, table) !== undefined);
  const rows = ownNames(situation, "trigger").map((name) => ({ kind: "trigger" as const, name }));
  return {
    transactional: true,
    lock: "ACCESS EXCLUSIVE",
    ...locked(situation),
    statements: [
      ...(standing.length === 0 ? FEED : standing).map((trigger) => dropTrigger(situation, trigger)),
      ...feedFunctions(situation).map(({ name }) => `DROP FUNCTION IF EXISTS ${qualify(schema, name)}()`),
      ...(rows.length === 0 ? [] : [forgetProvenance(schema, rows)]),
    ],
  };
}

/** The users table is not touched: the locks are on the graft's own tables. */
function locked(situation: Situation): Pick<Section, "ownTable" | "alsoLocks"> {
  const [first = "", ...others] = FEED_TABLES.map((table) => tableName(situation, table));
  return { ownTable: first, alsoLocks: others };
}
