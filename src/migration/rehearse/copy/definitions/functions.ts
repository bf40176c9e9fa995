import { inScope, standsAlone } from "./scope.ts";

/** Functions, procedures and window functions. */
export const FUNCTIONS = `
  SELECT CASE prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind, p.oid::regprocedure::text AS name, pg_get_functiondef(p.oid) AS sql
  FROM pg_proc p WHERE prokind <> 'a' AND ${inScope("p.pronamespace")} AND ${standsAlone("pg_proc", "p.oid")} ORDER BY p.oid`;

const MODIFIES: Readonly<Record<string, string>> = { r: "READ_ONLY", s: "SHAREABLE", w: "READ_WRITE" };

const modify = (column: string) =>
  `CASE ${column} ${Object.entries(MODIFIES)
    .map(([letter, word]) => `WHEN '${letter}' THEN '${word}'`)
    .join(" ")} END`;

const PARALLEL = "CASE proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END";

/** An argument of `CREATE AGGREGATE` that names a function; absent where there is none. */
const routine = (keyword: string, column: string) =>
  `CASE WHEN ${column}::oid <> 0 THEN format('${keyword} = %I.%I', (SELECT nspname FROM pg_proc f JOIN pg_namespace s ON s.oid = f.pronamespace
    WHERE f.oid = ${column}::oid), (SELECT proname FROM pg_proc f WHERE f.oid = ${column}::oid)) END`;

/** Aggregates: PostgreSQL has no function that writes them back. @see https://www.postgresql.org/docs/current/catalog-pg-aggregate.html */
export const AGGREGATES = `
  SELECT 'aggregate' AS kind, p.oid::regprocedure::text AS name, format('CREATE AGGREGATE %I.%I(%s) (%s)', s.nspname, p.proname,
    coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*'), concat_ws(', ',
      ${routine("SFUNC", "aggtransfn")}, format('STYPE = %s', format_type(aggtranstype, NULL)),
      CASE WHEN aggtransspace <> 0 THEN format('SSPACE = %s', aggtransspace) END,
      ${routine("FINALFUNC", "aggfinalfn")}, CASE WHEN aggfinalextra THEN 'FINALFUNC_EXTRA' END,
      CASE WHEN aggfinalfn::oid <> 0 THEN 'FINALFUNC_MODIFY = ' || ${modify("aggfinalmodify")} END,
      ${routine("COMBINEFUNC", "aggcombinefn")}, ${routine("SERIALFUNC", "aggserialfn")}, ${routine("DESERIALFUNC", "aggdeserialfn")},
      'INITCOND = ' || quote_literal(agginitval), ${routine("MSFUNC", "aggmtransfn")}, ${routine("MINVFUNC", "aggminvtransfn")},
      CASE WHEN aggmtranstype <> 0 THEN format('MSTYPE = %s', format_type(aggmtranstype, NULL)) END,
      CASE WHEN aggmtransspace <> 0 THEN format('MSSPACE = %s', aggmtransspace) END,
      ${routine("MFINALFUNC", "aggmfinalfn")}, CASE WHEN aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
      CASE WHEN aggmfinalfn::oid <> 0 THEN 'MFINALFUNC_MODIFY = ' || ${modify("aggmfinalmodify")} END,
      'MINITCOND = ' || quote_literal(aggminitval),
      (SELECT format('SORTOP = OPERATOR(%I.%s)', os.nspname, o.oprname) FROM pg_operator o JOIN pg_namespace os ON os.oid = o.oprnamespace WHERE o.oid = aggsortop),
      'PARALLEL = ' || ${PARALLEL}, CASE WHEN aggkind = 'h' THEN 'HYPOTHETICAL' END)) AS sql
  FROM pg_aggregate g JOIN pg_proc p ON p.oid = g.aggfnoid JOIN pg_namespace s ON s.oid = p.pronamespace
  WHERE ${inScope("p.pronamespace")} AND ${standsAlone("pg_proc", "p.oid")} ORDER BY p.oid`;

const partner = (keyword: string, column: string) =>
  `(SELECT format('${keyword} = OPERATOR(%I.%s)', os.nspname, q.oprname) FROM pg_operator q JOIN pg_namespace os ON os.oid = q.oprnamespace WHERE q.oid = o.${column})`;

/** Operators of the application's own. A shell that only another's definition names is made by that one. */
export const OPERATORS = `
  SELECT 'operator' AS kind, o.oid::regoperator::text AS name, format('CREATE OPERATOR %I.%s (%s)', s.nspname, o.oprname, concat_ws(', ',
      ${routine("FUNCTION", "oprcode")}, CASE WHEN oprleft <> 0 THEN format('LEFTARG = %s', format_type(oprleft, NULL)) END,
      CASE WHEN oprright <> 0 THEN format('RIGHTARG = %s', format_type(oprright, NULL)) END,
      ${partner("COMMUTATOR", "oprcom")}, ${partner("NEGATOR", "oprnegate")},
      ${routine("RESTRICT", "oprrest")}, ${routine("JOIN", "oprjoin")},
      CASE WHEN oprcanhash THEN 'HASHES' END, CASE WHEN oprcanmerge THEN 'MERGES' END)) AS sql
  FROM pg_operator o JOIN pg_namespace s ON s.oid = o.oprnamespace
  WHERE oprcode::oid <> 0 AND ${inScope("o.oprnamespace")} AND ${standsAlone("pg_operator", "o.oid")} ORDER BY o.oid`;

/** The first oid that is not of PostgreSQL's own. */
const FIRST_OWN_OID = 16_384;

/** Casts of the application's own; a range's to its multirange comes with the range. */
export const CASTS = `
  SELECT 'cast' AS kind, format('(%s AS %s)', format_type(castsource, NULL), format_type(casttarget, NULL)) AS name,
    format('CREATE CAST (%s AS %s) %s%s', format_type(castsource, NULL), format_type(casttarget, NULL),
      CASE castmethod WHEN 'f' THEN format('WITH FUNCTION %s', castfunc::regprocedure) WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END,
      CASE castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END) AS sql
  FROM pg_cast c WHERE c.oid >= ${FIRST_OWN_OID} AND ${standsAlone("pg_cast", "c.oid")}
    AND NOT EXISTS (SELECT FROM pg_range WHERE rngtypid = castsource AND rngmultitypid = casttarget) ORDER BY c.oid`;
