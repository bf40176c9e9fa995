import { isCopied, optionList } from "./scope.ts";

const OPTIONS = `(' WITH (' || ${optionList("c.reloptions")} || ')')`;

/** Views. */
export const VIEWS = `
  SELECT 'view' AS kind, c.oid::regclass::text AS name, concat(format('CREATE VIEW %s', c.oid::regclass), ${OPTIONS}, ' AS ',
    rtrim(pg_get_viewdef(c.oid), ';'), (SELECT string_agg(format(E';\\nALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', c.oid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid)), '')
      FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = c.oid)) AS sql
  FROM pg_class c WHERE c.relkind = 'v' AND ${isCopied("c")} ORDER BY c.oid`;

/** Materialized views, empty. */
export const MATERIALIZED_VIEWS = `
  SELECT 'materialized view' AS kind, c.oid::regclass::text AS name, concat(format('CREATE MATERIALIZED VIEW %s', c.oid::regclass), ${OPTIONS}, ' AS ',
    rtrim(pg_get_viewdef(c.oid), ';'), ' WITH NO DATA') AS sql
  FROM pg_class c WHERE c.relkind = 'm' AND ${isCopied("c")} ORDER BY c.oid`;

/** What fills the materialized views that are filled in the source. */
export const REFRESHES = `
  SELECT 'materialized view' AS kind, c.oid::regclass::text AS name, format('REFRESH MATERIALIZED VIEW %s', c.oid::regclass) AS sql
  FROM pg_class c WHERE c.relkind = 'm' AND c.relispopulated AND ${isCopied("c")} ORDER BY c.oid`;

const state = (column: string) =>
  `CASE ${column} WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END`;

/** Triggers; a partition's copies of its table's come with that one. */
export const TRIGGERS = `
  SELECT 'trigger' AS kind, format('%I on %s', t.tgname, c.oid::regclass) AS name, pg_get_triggerdef(t.oid) AS sql
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND ${isCopied("c")} ORDER BY t.oid`;

/** Triggers that are not simply enabled. */
export const TRIGGER_STATES = `
  SELECT 'trigger' AS kind, format('%I on %s', t.tgname, c.oid::regclass) AS name,
    format('ALTER TABLE ONLY %s %s TRIGGER %I', c.oid::regclass, ${state("t.tgenabled")}, t.tgname) AS sql
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgenabled <> 'O' AND ${isCopied("c")} ORDER BY t.oid`;

/** Rules other than the ones that views are made of. */
export const RULES = `
  SELECT 'rule' AS kind, format('%I on %s', r.rulename, c.oid::regclass) AS name, concat_ws(E'\\n', pg_get_ruledef(r.oid),
    CASE WHEN r.ev_enabled <> 'O' THEN format('ALTER TABLE %s %s RULE %I', c.oid::regclass, ${state("r.ev_enabled")}, r.rulename) END) AS sql
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN' AND ${isCopied("c")} ORDER BY r.oid`;

/** Policies of row-level security. @see https://www.postgresql.org/docs/current/catalog-pg-policy.html */
export const POLICIES = `
  SELECT 'policy' AS kind, format('%I on %s', p.polname, c.oid::regclass) AS name, concat(
    format('CREATE POLICY %I ON %s AS %s FOR %s TO ', p.polname, c.oid::regclass, CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
      CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END),
    (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ' ORDER BY place) FROM unnest(p.polroles) WITH ORDINALITY u(r, place)),
    ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')') AS sql
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE ${isCopied("c")} ORDER BY p.oid`;
