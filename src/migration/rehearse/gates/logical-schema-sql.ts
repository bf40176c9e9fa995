/** The schemas of the application and of the graft. */
const SPACES = "s.nspname !~ '^pg_' AND s.nspname <> 'information_schema'";

const RELATIONS = `pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace AND ${SPACES} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`;

const NAME = "quote_ident(s.nspname) || '.' || quote_ident(c.relname)";

/** Grants one by one, so that a list that was never written equals the same written out. */
const grants = (acl: string) =>
  `(SELECT coalesce(jsonb_agg(g.line ORDER BY g.line), '[]') FROM (
     SELECT coalesce(pg_get_userbyid(nullif(a.grantee, 0))::text, 'PUBLIC') || ': ' || a.privilege_type || CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END AS line
     FROM aclexplode(${acl}) a) g)`;

const fields = (from: string, name: string, list: Readonly<Record<string, string>>) => {
  const pairs = Object.entries(list).map(([field, sql]) => `'${field}', ${sql}`);
  return `SELECT ${name} AS name, jsonb_build_object(${pairs.join(", ")}) AS fields FROM ${from} ORDER BY 1`;
};

/** Columns that only some versions have are read through `to_jsonb`, so that one text serves 14 to 18. */
export const SCHEMA_QUERIES: Readonly<Record<string, string>> = {
  schema: fields(`pg_namespace s WHERE ${SPACES}`, "quote_ident(s.nspname)", {
    owner: "pg_get_userbyid(s.nspowner)",
    grants: grants("coalesce(s.nspacl, acldefault('n', s.nspowner))"),
    comment: "obj_description(s.oid, 'pg_namespace')",
  }),
  relation: fields(RELATIONS, NAME, {
    kind: "c.relkind",
    persistence: "c.relpersistence",
    owner: "pg_get_userbyid(c.relowner)",
    grants: grants(
      "coalesce(c.relacl, acldefault(CASE WHEN c.relkind = 'S' THEN 's'::\"char\" ELSE 'r' END, c.relowner))",
    ),
    rowSecurity: "c.relrowsecurity",
    forceRowSecurity: "c.relforcerowsecurity",
    replicaIdentity: "c.relreplident",
    options: "c.reloptions",
    parents:
      "(SELECT jsonb_agg(i.inhparent::regclass::text ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid)",
    view: "CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END",
    comment: "obj_description(c.oid, 'pg_class')",
  }),
  column: fields(
    `${RELATIONS} AND c.relkind <> 'S' JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum`,
    `${NAME} || '.' || quote_ident(a.attname)`,
    {
      position:
        "(SELECT count(*) FROM pg_attribute b WHERE b.attrelid = a.attrelid AND b.attnum BETWEEN 1 AND a.attnum AND NOT b.attisdropped)",
      type: "format_type(a.atttypid, a.atttypmod)",
      nullable: "NOT a.attnotnull",
      default: "pg_get_expr(d.adbin, d.adrelid)",
      identity: "a.attidentity",
      generated: "a.attgenerated",
      collation: "nullif(a.attcollation, 0)::regcollation::text",
      storage: "a.attstorage",
      compression: "a.attcompression",
      statistics: "coalesce(a.attstattarget, -1)",
      options: "a.attoptions",
      grants: grants("nullif(a.attacl, '{}')"),
      comment: "col_description(a.attrelid, a.attnum)",
    },
  ),
  constraint: fields(
    `${RELATIONS} JOIN pg_constraint n ON n.conrelid = c.oid`,
    `quote_ident(n.conname) || ' on ' || ${NAME}`,
    {
      definition: "pg_get_constraintdef(n.oid)",
      validated: "n.convalidated",
      deferrable: "n.condeferrable",
      deferred: "n.condeferred",
      inherited: "NOT n.conislocal",
      enforced: "coalesce((to_jsonb(n) ->> 'conenforced')::boolean, true)",
      comment: "obj_description(n.oid, 'pg_constraint')",
    },
  ),
  index: fields(
    `${RELATIONS} JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid`,
    `quote_ident(x.relname) || ' on ' || ${NAME}`,
    {
      definition: "pg_get_indexdef(x.oid)",
      unique: "i.indisunique",
      primary: "i.indisprimary",
      valid: "i.indisvalid AND i.indisready",
      clustered: "i.indisclustered",
      replicaIdentity: "i.indisreplident",
      owner: "pg_get_userbyid(x.relowner)",
      comment: "obj_description(x.oid, 'pg_class')",
    },
  ),
  trigger: fields(
    `${RELATIONS} JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal`,
    `quote_ident(t.tgname) || ' on ' || ${NAME}`,
    {
      definition: "pg_get_triggerdef(t.oid)",
      enabled: "t.tgenabled",
      comment: "obj_description(t.oid, 'pg_trigger')",
    },
  ),
  policy: fields(
    `${RELATIONS} JOIN pg_policy y ON y.polrelid = c.oid`,
    `quote_ident(y.polname) || ' on ' || ${NAME}`,
    {
      command: "y.polcmd",
      permissive: "y.polpermissive",
      roles:
        "(SELECT jsonb_agg(coalesce(pg_get_userbyid(nullif(r, 0))::text, 'PUBLIC')) FROM unnest(y.polroles) r)",
      using: "pg_get_expr(y.polqual, y.polrelid)",
      check: "pg_get_expr(y.polwithcheck, y.polrelid)",
    },
  ),
  rule: fields(
    `${RELATIONS} JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'`,
    `quote_ident(r.rulename) || ' on ' || ${NAME}`,
    { definition: "pg_get_ruledef(r.oid)", enabled: "r.ev_enabled" },
  ),
  sequence: fields(`${RELATIONS} JOIN pg_sequence q ON q.seqrelid = c.oid`, NAME, {
    type: "q.seqtypid::regtype::text",
    start: "q.seqstart",
    increment: "q.seqincrement",
    minimum: "q.seqmin",
    maximum: "q.seqmax",
    cache: "q.seqcache",
    cycle: "q.seqcycle",
  }),
  function: fields(
    `pg_proc p JOIN pg_namespace s ON s.oid = p.pronamespace AND ${SPACES}`,
    "p.oid::regprocedure::text",
    {
      returns: "pg_get_function_result(p.oid)",
      language: "(SELECT l.lanname FROM pg_language l WHERE l.oid = p.prolang)",
      body: "md5(p.prosrc || coalesce(pg_get_function_sqlbody(p.oid), ''))",
      settings: "p.proconfig",
      definer: "p.prosecdef",
      volatility: "p.provolatile",
      owner: "pg_get_userbyid(p.proowner)",
      grants: grants("coalesce(p.proacl, acldefault('f', p.proowner))"),
    },
  ),
  type: fields(
    `pg_type t JOIN pg_namespace s ON s.oid = t.typnamespace AND ${SPACES} AND t.typtype IN ('d', 'e', 'r')`,
    "quote_ident(s.nspname) || '.' || quote_ident(t.typname)",
    {
      kind: "t.typtype",
      base: "format_type(nullif(t.typbasetype, 0), t.typtypmod)",
      labels:
        "(SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)",
      constraints:
        "(SELECT jsonb_agg(pg_get_constraintdef(n.oid) ORDER BY n.conname) FROM pg_constraint n WHERE n.contypid = t.oid)",
    },
  ),
  statistics: fields(
    `pg_statistic_ext x JOIN pg_namespace s ON s.oid = x.stxnamespace AND ${SPACES}`,
    "quote_ident(s.nspname) || '.' || quote_ident(x.stxname)",
    { definition: "pg_get_statisticsobjdef(x.oid)" },
  ),
  publication: fields("pg_publication p", "quote_ident(p.pubname)", {
    allTables: "p.puballtables",
    tables:
      "(SELECT jsonb_agg(r.prrelid::regclass::text ORDER BY r.prrelid::regclass::text) FROM pg_publication_rel r WHERE r.prpubid = p.oid)",
  }),
  "default privileges": fields(
    "pg_default_acl f LEFT JOIN pg_namespace s ON s.oid = f.defaclnamespace",
    "pg_get_userbyid(f.defaclrole) || ' ' || f.defaclobjtype::text || coalesce(' in ' || quote_ident(s.nspname), '')",
    { grants: grants("f.defaclacl") },
  ),
  extension: fields("pg_extension e", "quote_ident(e.extname)", { version: "e.extversion" }),
};
