import { nameWithSuffix } from "../postgres/identifiers.ts";
import { findColumn, type NotNullConstraint } from "../users-table/relation.ts";
import { archivedProvenanceOf, isOurs, provenanceOf } from "./provenance.ts";
import type { Situation } from "./situation.ts";

/** The users table and which column plays which part: enough to tell what is missing. */
type MappedTable = Pick<Situation, "users" | "mapping">;

/** A column the graft adds where the table has none. */
export interface AddedColumn {
  readonly name: string;
  readonly definition: string;
  /** As the catalog writes it back, to recognise the column later. */
  readonly type: string;
  /** The condition under which a row holds a value, over the column as it is written there. */
  readonly holdsValue: (column: string) => string;
  readonly lossKind: string;
  readonly lossLabel: string;
}

/** The columns the graft needs, under the names of the mapping. */
export function neededColumns({ mapping }: Pick<Situation, "mapping">): AddedColumn[] {
  const text = {
    definition: "character varying(255)",
    type: "character varying(255)",
    holdsValue: (column: string) => `${column} IS NOT NULL`,
  };
  return [
    { ...text, name: mapping.email, lossKind: "email", lossLabel: "users with an email address" },
    { ...text, name: mapping.password_hash, lossKind: "password", lossLabel: "users with a password" },
    ...(mapping.is_admin === null
      ? []
      : [
          {
            name: mapping.is_admin,
            definition: "boolean NOT NULL DEFAULT false",
            type: "boolean",
            holdsValue: (column: string) => column,
            lossKind: "admin",
            lossLabel: "administrators",
          },
        ]),
  ];
}

/** The needed columns that the table does not have. */
export function missingColumns(situation: MappedTable): AddedColumn[] {
  return neededColumns(situation).filter((column) => findColumn(situation.users, column.name) === undefined);
}

/** The needed columns that stand and are the graft's. */
export function ownColumns(situation: Situation): AddedColumn[] {
  return neededColumns(situation).filter(
    (column) =>
      findColumn(situation.users, column.name) !== undefined && isOurs(situation, "column", column.name),
  );
}

/** The provider columns that the table has. */
export function providerColumns({ mapping, users }: MappedTable): string[] {
  return [mapping.auth_provider, mapping.auth_provider_id].filter(
    (name): name is string => name !== null && findColumn(users, name) !== undefined,
  );
}

/** The provider columns that are NOT NULL still. */
export function requiredProviderColumns(situation: MappedTable): string[] {
  return providerColumns(situation).filter((name) => findColumn(situation.users, name)?.notNull);
}

/** The provider columns whose NOT NULL the graft took away, now or before an archive was made. */
export function freedProviderColumns(situation: Situation): string[] {
  return providerColumns(situation).filter((name) => isOurs(situation, "not_null", name));
}

/** Whether everything about the columns is on record. */
export function columnsRecorded(situation: Situation): boolean {
  return (
    neededColumns(situation).every(
      (column) => provenanceOf(situation, "column", column.name) !== undefined,
    ) && providerColumns(situation).every((name) => provenanceOf(situation, "not_null", name) !== undefined)
  );
}

/** Whether an earlier graft, now archived, took NOT NULL from this column. */
export function freedBeforeArchive(situation: Situation, name: string): boolean {
  return archivedProvenanceOf(situation, "not_null", name)?.origin === "graft";
}

/** The NOT NULL constraint that a provider column had, as PostgreSQL 18 names it; an older server recorded none. */
export function oldConstraint(situation: Situation, name: string): NotNullConstraint {
  const before = provenanceOf(situation, "not_null", name)?.before?.constraint as
    | NotNullConstraint
    | null
    | undefined;
  const standing = findColumn(situation.users, name)?.notNullConstraint;
  return (
    before ??
    standing ?? { name: nameWithSuffix(`${situation.users.name}_${name}`, "_not_null"), comment: null }
  );
}
