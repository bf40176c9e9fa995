import { type Module, type ModuleItem, parse } from "@swc/core";
import { ENTRIES, PUBLIC_ENTRIES } from "./rooms.ts";

/** What a file did that the walls forbid: the rule's name, and what it was. */
export interface Lapse {
  readonly rule: string;
  readonly detail: string;
}

/** A node of swc's syntax tree, as a walker sees it. */
type Node = Readonly<Record<string, unknown>> & { readonly type: string };

/** What of `process` belongs to the entries: reading the environment, printing, exiting. */
const OF_ENTRIES = new Set([
  ...["env", "argv", "stdin", "stdout", "stderr"],
  ...["exit", "exitCode", "abort", "reallyExit", "loadEnvFile"],
]);

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walk(item);
  } else if (typeof value === "object" && value !== null) {
    if (isNode(value)) yield value;
    for (const child of Object.values(value)) yield* walk(child);
  }
}

function isIdentifier(node: unknown, name: string): boolean {
  return isNode(node) && node.type === "Identifier" && node.value === name;
}

function propertyName(node: Node): string | undefined {
  const property = node.property;
  if (!isNode(property)) return undefined;
  if (property.type === "Identifier") return String(property.value);
  const key = property.expression;
  return isNode(key) && key.type === "StringLiteral" ? String(key.value) : undefined;
}

/** `process.env`, `process["exit"]`, `console.log`, `globalThis.process` … */
function memberLapse(node: Node): string | undefined {
  const name = propertyName(node);
  if (isIdentifier(node.object, "console")) return `console.${name ?? "[…]"}`;
  const whole = isIdentifier(node.object, "globalThis") || isIdentifier(node.object, "global");
  if (whole && (name === "process" || name === "console")) return `globalThis.${name}`;
  if (!isIdentifier(node.object, "process")) return undefined;
  return name === undefined || OF_ENTRIES.has(name) ? `process.${name ?? "[…]"}` : undefined;
}

/** `const { env } = process`, `read(process)`, `log = console`: handed on whole, it can no longer be followed. */
function handedOnLapse(node: Node): string | undefined {
  const list: unknown[] = Array.isArray(node.arguments) ? node.arguments : [];
  const given = list.map((item) => (item as { expression?: unknown }).expression);
  const values = [node.init, node.right, ...given];
  const name = ["process", "console"].find((global) => values.some((value) => isIdentifier(value, global)));
  return name === undefined ? undefined : `${name}, handed on whole`;
}

/** `import { env } from "node:process"`. */
function importLapse(node: Node): string | undefined {
  const source = isNode(node.source) ? String(node.source.value) : "";
  if (!/^(node:)?(process|console)$/.test(source)) return undefined;
  return `an import of ${source}: use the global, which this check can follow`;
}

/** What only an entry may do: read the environment, print, exit. */
function entryLapse(node: Node): string | undefined {
  if (node.type === "MemberExpression") return memberLapse(node);
  if (node.type === "ImportDeclaration") return importLapse(node);
  return handedOnLapse(node);
}

function isDefaultExport(node: Node): boolean {
  if (node.type === "ExportDefaultDeclaration" || node.type === "ExportDefaultExpression") return true;
  return node.type === "ExportSpecifier" && isIdentifier(node.exported, "default");
}

function isReExport(item: ModuleItem): boolean {
  return item.type === "ExportAllDeclaration" || item.type === "ExportNamedDeclaration";
}

function isBarrel(module: Module): boolean {
  return module.body.some(isReExport) && module.body.every((item) => isReExport(item) || isImport(item));
}

function isImport(item: ModuleItem): boolean {
  return item.type === "ImportDeclaration";
}

function* lapsesOf(file: string, module: Module): Generator<Lapse> {
  if (isBarrel(module) && !PUBLIC_ENTRIES.includes(file)) {
    yield { rule: "barrel", detail: "a file of nothing but re-exports" };
  }
  for (const node of walk(module)) {
    if (isDefaultExport(node)) yield { rule: "default-export", detail: "a default export" };
    if (node.type === "TsImportType") {
      yield {
        rule: "inline-import-type",
        detail: 'import("…") as a type: dependency-cruiser sees few of them',
      };
    }
    const detail = ENTRIES.test(file) ? undefined : entryLapse(node);
    if (detail !== undefined) yield { rule: "entry-only", detail };
  }
}

/** The walls that are not about imports: what one file may not do, whatever it imports. */
export async function findLapses(file: string, source: string): Promise<Lapse[]> {
  const module = await parse(source, { syntax: "typescript", target: "es2024", tsx: file.endsWith(".tsx") });
  return [...lapsesOf(file, module)];
}
