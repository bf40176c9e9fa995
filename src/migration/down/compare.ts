import type { Relation } from "../../users-table/relation.ts";

/**
 * What differs between the users table as it should be after `down` and as it is, in words. Positions of
 * columns, sizes and estimates are left aside: they are storage, not schema.
 */
export function compareRelations(expected: Relation, actual: Relation): string[] {
  return [
    ...compareLists("column", expected.columns.map(logicalColumn), actual.columns.map(logicalColumn)),
    ...compareLists("constraint", expected.constraints, actual.constraints),
    ...compareLists("index", expected.indexes.map(logicalIndex), actual.indexes.map(logicalIndex)),
    ...compareLists("trigger", expected.triggers.map(logicalTrigger), actual.triggers.map(logicalTrigger)),
    ...compareLists("policy", expected.policies, actual.policies),
  ];
}

/** Grants are left aside too: the server role's own go with its step. */
function logicalColumn({ number, acl, ...column }: Relation["columns"][number]) {
  return column;
}

function logicalIndex({ oid, ...index }: Relation["indexes"][number]) {
  return index;
}

/** What a trigger's function does may be deployed anew at any moment: that is no work of ours. */
function logicalTrigger({ functionSource, ...trigger }: Relation["triggers"][number]) {
  return trigger;
}

function compareLists<Item extends { readonly name: string }>(
  word: string,
  expected: readonly Item[],
  actual: readonly Item[],
): string[] {
  const missing = expected.filter((item) => !actual.some(({ name }) => name === item.name));
  const extra = actual.filter((item) => !expected.some(({ name }) => name === item.name));
  const changed = expected.filter((item) => {
    const other = actual.find(({ name }) => name === item.name);
    return other !== undefined && JSON.stringify(other) !== JSON.stringify(item);
  });
  return [
    ...missing.map(({ name }) => `the ${word} ${name} is missing`),
    ...extra.map(({ name }) => `the ${word} ${name} is new`),
    ...changed.map(({ name }) => `the ${word} ${name} differs`),
  ];
}
