/** One column of a relation, as the catalog has it. */
export interface Column {
  readonly name: string;
  readonly number: number;
  /** As `format_type` writes it: `character varying(255)`, `bigint`, `shop."Email"` (a domain). */
  readonly type: string;
  /** The bare name of the type under any domain: `varchar`, `int8`, `citext`. */
  readonly baseType: string;
  /** The length in characters that a varchar or char column takes at the most, under any domain. */
  readonly maximumLength: number | null;
  readonly notNull: boolean;
  /** PostgreSQL 18 keeps NOT NULL as a constraint with a name; before, this is null. */
  readonly notNullConstraint: NotNullConstraint | null;
  readonly default: string | null;
  readonly identity: "" | "a" | "d";
  readonly generated: "" | "s" | "v";
  /** Null where it is the type's own. */
  readonly collation: string | null;
  readonly comment: string | null;
  readonly acl: readonly string[] | null;
}

/** The named form of NOT NULL that PostgreSQL 18 brought. */
export interface NotNullConstraint {
  readonly name: string;
  readonly comment: string | null;
}

/** One constraint; NOT NULL ones stand with their columns. */
export interface Constraint {
  readonly name: string;
  readonly type: "p" | "u" | "f" | "c" | "x" | "t";
  readonly columns: readonly string[];
  readonly definition: string;
  readonly validated: boolean;
  readonly deferrable: boolean;
  /** For a foreign key: the oid of the table it points to. */
  readonly references: string | null;
  readonly index: string | null;
}

/** One index. */
export interface Index {
  readonly name: string;
  readonly oid: string;
  readonly unique: boolean;
  readonly primary: boolean;
  readonly valid: boolean;
  readonly ready: boolean;
  readonly immediate: boolean;
  readonly definition: string;
  /** Key columns in order; null where the key is an expression. */
  readonly columns: readonly (string | null)[];
  readonly expressions: string | null;
  readonly predicate: string | null;
  readonly nullsNotDistinct: boolean;
  readonly constraint: string | null;
  readonly owner: string;
}

/** One trigger that a person made; internal ones of foreign keys are left out. */
export interface Trigger {
  readonly name: string;
  readonly definition: string;
  readonly enabled: "O" | "D" | "R" | "A";
  readonly functionSchema: string;
  readonly functionName: string;
  /** What the function does, as its language has it; for one in C, the name of its symbol. */
  readonly functionSource: string;
}

/** One row-level security policy. */
export interface Policy {
  readonly name: string;
  /** `r` SELECT, `a` INSERT, `w` UPDATE, `d` DELETE, `*` all. */
  readonly command: "r" | "a" | "w" | "d" | "*";
  /** False for a RESTRICTIVE one. */
  readonly permissive: boolean;
  /** Sorted; everybody is `public`. */
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}

/** A table, or what stands where a table was asked for, as the catalog has it. */
export interface Relation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** `r` table, `p` partitioned, `v` view, `m` materialized view, `f` foreign table, `S` sequence … */
  readonly kind: string;
  readonly owner: string;
  /** `p` permanent, `u` unlogged, `t` temporary. */
  readonly persistence: "p" | "u" | "t";
  readonly isPartition: boolean;
  readonly typed: boolean;
  /** Names of tables this one inherits from, and that inherit from it. */
  readonly parents: readonly string[];
  readonly children: readonly string[];
  readonly extension: string | null;
  readonly rowSecurity: boolean;
  readonly forceRowSecurity: boolean;
  /** `d` primary key, `n` nothing, `f` full, `i` an index. */
  readonly replicaIdentity: "d" | "n" | "f" | "i";
  readonly replicaIdentityIndex: string | null;
  /** The planner's estimate; -1 when the table was never analyzed. */
  readonly estimatedRows: number;
  readonly bytes: number;
  readonly acl: readonly string[] | null;
  readonly comment: string | null;
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly policies: readonly Policy[];
}

/** The column of that name, or undefined. */
export function findColumn(relation: Relation, name: string | null): Column | undefined {
  return name === null ? undefined : relation.columns.find((column) => column.name === name);
}

/** The columns of the primary key, in the key's order; empty when there is none. */
export function primaryKey(relation: Relation): readonly string[] {
  return relation.constraints.find((constraint) => constraint.type === "p")?.columns ?? [];
}

/** Whether a valid, immediate unique index without a predicate covers exactly these columns. */
export function isUnique(relation: Relation, columns: readonly string[]): boolean {
  const wanted = [...columns].sort().join("\0");
  return relation.indexes.some(
    (index) =>
      index.unique &&
      index.valid &&
      index.predicate === null &&
      index.expressions === null &&
      [...index.columns].sort().join("\0") === wanted,
  );
}
