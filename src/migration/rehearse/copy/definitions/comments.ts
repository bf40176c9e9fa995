import { inScope, standsAlone } from "./scope.ts";

/** How COMMENT names what `pg_identify_object` calls otherwise. */
const KEYWORDS: Readonly<Record<string, string>> = {
  "table constraint": "CONSTRAINT",
  "domain constraint": "CONSTRAINT",
  "table column": "COLUMN",
  "view column": "COLUMN",
  "materialized view column": "COLUMN",
  "composite type column": "COLUMN",
  "composite type": "TYPE",
  "statistics object": "STATISTICS",
};

const KEYWORD = `CASE i.type ${Object.entries(KEYWORDS)
  .map(([type, keyword]) => `WHEN '${type}' THEN '${keyword}'`)
  .join(" ")} ELSE upper(i.type) END`;

const IDENTITY = `CASE i.type WHEN 'domain constraint' THEN
  (SELECT format('%I ON DOMAIN %s', conname, contypid::regtype) FROM pg_constraint n WHERE n.oid = d.objoid) ELSE i.identity END`;

/** Comments on everything that was made after the server, `public` included; an extension brings its own, a publication has it with it. */
export const COMMENTS = `
  SELECT 'comment' AS kind, i.identity AS name, format('COMMENT ON %s %s IS %L', ${KEYWORD}, ${IDENTITY}, d.description) AS sql
  FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
  WHERE (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass AND ${inScope("d.objoid")})
    AND d.classoid NOT IN ('pg_extension'::regclass, 'pg_publication'::regclass, 'pg_event_trigger'::regclass) AND i.identity IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
    AND (i.schema IS NULL OR i.schema !~ '^pg_')`;

/**
 * What the copy cannot have, and why. Whatever would connect to another server is not made: subscriptions and foreign
 * servers here, extensions that do in `extensionStatements`. Event triggers belong to a superuser, and would run the
 * source's functions as one whenever a gate changes something.
 */
export const UNSUPPORTED = `
  SELECT 'subscription' AS kind, subname AS name, 'A copy of it would take changes away from the real subscriber.' AS reason
  FROM (SELECT subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())) s
  UNION ALL SELECT 'server', srvname, 'Foreign servers are not copied: a rehearsal reaches no other database.'
  FROM pg_foreign_server s WHERE ${standsAlone("pg_foreign_server", "s.oid")}
  UNION ALL SELECT 'foreign table', c.oid::regclass::text, 'Foreign tables are not copied: a rehearsal reaches no other database.'
  FROM pg_class c WHERE c.relkind = 'f' AND ${inScope("c.relnamespace")} AND ${standsAlone("pg_class", "c.oid")}
  UNION ALL SELECT 'type', t.oid::regtype::text, 'Base types are made by code of the server''s own; they come with an extension, or not at all.'
  FROM pg_type t WHERE t.typtype = 'b' AND t.typelem = 0 AND ${inScope("t.typnamespace")} AND ${standsAlone("pg_type", "t.oid")}
  UNION ALL SELECT 'operator class', format('%I.%I', s.nspname, o.opcname), 'Operator classes are not copied.'
  FROM pg_opclass o JOIN pg_namespace s ON s.oid = o.opcnamespace WHERE ${inScope("o.opcnamespace")} AND ${standsAlone("pg_opclass", "o.oid")}
  UNION ALL SELECT 'event trigger', t.evtname, 'It takes a superuser, so what it would do to a change is not seen.'
  FROM pg_event_trigger t WHERE ${standsAlone("pg_event_trigger", "t.oid")}
  UNION ALL SELECT 'large objects', format('%s of them', count(*)), 'Large objects are not copied.'
  FROM pg_largeobject_metadata HAVING count(*) > 0`;
