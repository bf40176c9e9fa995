import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../../src/config/parse.ts";
import type { Examined } from "../../../src/migration/findings/check.ts";
import { serverVersionCheck } from "../../../src/migration/findings/checks/server.ts";
import { unusualTable } from "../../../src/migration/findings/checks/table-kind.ts";
import { detectMapping } from "../../../src/users-table/mapping.ts";
import type { Relation } from "../../../src/users-table/relation.ts";

const users: Relation = {
  oid: "16400",
  schema: "public",
  name: "users",
  kind: "r",
  owner: "app",
  persistence: "p",
  isPartition: false,
  typed: false,
  parents: [],
  children: [],
  extension: null,
  rowSecurity: false,
  forceRowSecurity: false,
  replicaIdentity: "d",
  replicaIdentityIndex: null,
  estimatedRows: 0,
  bytes: 0,
  acl: null,
  comment: null,
  columns: [],
  constraints: [],
  indexes: [],
  triggers: [],
  policies: [],
};

function subject(change: { readonly version?: number; readonly users?: Partial<Relation> }): Examined {
  const configuration = parseConfiguration({});
  const relation = { ...users, ...change.users };
  return {
    server: {
      version: change.version ?? 180_004,
      database: "shop",
      user: "app",
      inRecovery: false,
      readOnly: false,
    },
    configuration,
    users: relation,
    mapping: detectMapping(relation, configuration.mapping),
    privileges: {
      superuser: false,
      ownsUsersTable: true,
      createInSchema: true,
      ownerCreatesInSchema: true,
      createInDatabase: true,
      ownsGraftSchema: false,
    },
    provenance: null,
    statementsSchema: null,
  };
}

describe("the server's version", () => {
  const codes = (version: number) =>
    serverVersionCheck.judge([], subject({ version })).map(({ code }) => code);

  test.for([
    [130_018, ["server_too_old"]],
    [140_000, ["server_corrupts_indexes"]],
    [140_003, ["server_corrupts_indexes"]],
    [140_004, []],
    [180_004, []],
    [190_000, ["server_untested"]],
  ] as const)("%i", ([version, expected]) => {
    expect(codes(version)).toEqual(expected);
  });

  test("is named as people write it, with what to do", () => {
    const [finding] = serverVersionCheck.judge([], subject({ version: 140_002 }));
    expect(finding).toMatchObject({
      severity: "refusal",
      acceptable: false,
      object: "PostgreSQL 14.2",
      fix: "Update the server to the latest release of PostgreSQL 14.",
    });
  });
});

describe("tables that the look-up by name passes over", () => {
  const codes = (change: Partial<Relation>) =>
    unusualTable.judge([], subject({ users: change })).map(({ code }) => code);

  test("a temporary table is refused", () => {
    expect(codes({ persistence: "t", schema: "pg_temp_3" })).toEqual(["table_temporary"]);
  });

  test("a catalog of PostgreSQL's own is refused", () => {
    expect(codes({ schema: "pg_catalog", name: "pg_authid" })).toEqual(["table_of_system"]);
  });

  test("a plain table is not", () => {
    expect(codes({})).toEqual([]);
  });
});
