import type { Schema } from "../../../src/http/openapi/document.ts";

/** Writes a schema as a type of TypeScript; what it refers to by name is expected to be there by that name. */
export function writeType(schema: Schema): string {
  const { $ref, enum: values, anyOf, oneOf, allOf, type } = schema;
  if ($ref !== undefined) return $ref.slice("#/components/schemas/".length);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (anyOf !== undefined) return union(anyOf.map(writeType));
  if (allOf !== undefined) return allOf.map(writeType).join(" & ");
  if (schema.properties !== undefined) return writeObject(schema);
  if (oneOf !== undefined) return union(oneOf.map(writeType));
  if (typeof type === "object") return union(type.map((one) => writeType({ ...schema, type: one })));
  return writePlain(schema);
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(" | ");
}

function writePlain({ type, items, additionalProperties }: Schema): string {
  if (type === "string" || type === "boolean" || type === "null") return type;
  if (type === "integer" || type === "number") return "number";
  if (type === "array") return `readonly (${writeType(items ?? {})})[]`;
  if (type !== "object") return "unknown";
  const inner = typeof additionalProperties === "object" ? writeType(additionalProperties) : "unknown";
  return `Readonly<Record<string, ${inner}>>`;
}

function writeObject({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(([name, inner]) => {
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
    // Callers may hand on what they have, undefined included.
    return required.includes(name)
      ? `readonly ${key}: ${writeType(inner)};`
      : `readonly ${key}?: ${writeType(inner)} | undefined;`;
  });
  if (typeof additionalProperties === "object") fields.push("readonly [name: string]: unknown;");
  return `{ ${fields.join(" ")} }`;
}
