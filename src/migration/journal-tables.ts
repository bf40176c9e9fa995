import type { TableDefinition } from "./table-definition.ts";

/** Every run of `up` and `down`. */
export const MIGRATION_RUNS: TableDefinition = {
  name: "migration_runs",
  place: "graft",
  comment: "The journal: every run of up and down.",
  columns: [
    { name: "id", type: "bigint", notNull: true, identity: true },
    { name: "direction", type: "character varying(8)", notNull: true },
    { name: "state", type: "character varying(16)", notNull: true },
    { name: "version", type: "character varying(64)", notNull: true },
    { name: "run_by", type: "text", notNull: true, default: "CURRENT_USER" },
    { name: "started_at", type: "timestamp with time zone", notNull: true, default: "now()" },
    { name: "finished_at", type: "timestamp with time zone", notNull: false },
    { name: "detail", type: "text", notNull: false },
  ],
  primaryKey: ["id"],
  unique: [],
  indexes: [],
  onUserDelete: null,
};

/** Every step of every run. */
export const MIGRATION_STEPS: TableDefinition = {
  name: "migration_steps",
  place: "graft",
  comment: "The journal: every step of every run.",
  columns: [
    { name: "id", type: "bigint", notNull: true, identity: true },
    { name: "run_id", type: "bigint", notNull: true },
    { name: "step", type: "character varying(64)", notNull: true },
    { name: "direction", type: "character varying(8)", notNull: true },
    { name: "state", type: "character varying(16)", notNull: true },
    { name: "started_at", type: "timestamp with time zone", notNull: true, default: "now()" },
    { name: "finished_at", type: "timestamp with time zone", notNull: false },
  ],
  primaryKey: ["id"],
  unique: [],
  indexes: [{ name: "migration_steps_run_id_idx", columns: ["run_id"] }],
  onUserDelete: null,
};

/** Whose every object of the graft is, and what was there before. */
export const PROVENANCE: TableDefinition = {
  name: "provenance",
  place: "graft",
  comment: "Whose each object is, the graft's or the application's own, and what it was before.",
  columns: [
    { name: "kind", type: "character varying(16)", notNull: true },
    { name: "name", type: "text", notNull: true },
    { name: "origin", type: "character varying(16)", notNull: true },
    { name: "before", type: "jsonb", notNull: false },
    { name: "made", type: "jsonb", notNull: false },
    { name: "step", type: "character varying(64)", notNull: true },
    { name: "recorded_at", type: "timestamp with time zone", notNull: true, default: "now()" },
  ],
  primaryKey: ["kind", "name"],
  unique: [],
  indexes: [],
  onUserDelete: null,
};
