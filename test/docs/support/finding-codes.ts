import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "@swc/core";
import { ROOT } from "./pages.ts";

/** A code that a finding can have, as the sources of src/migration give it. */
export interface FindingCode {
  readonly code: string;
  /** `refusal`, `warning` … as far as the call that makes the finding tells; empty where it is decided at run time. */
  readonly severities: ReadonlySet<string>;
}

type Node = Readonly<Record<string, unknown>>;

const MAKERS: Readonly<Record<string, string>> = {
  refusal: "refusal",
  acceptableRefusal: "refusal",
  obstacle: "refusal",
  warning: "warning",
};

/** Functions that take a code as their first argument. */
const TAKERS: readonly string[] = ["obstacle", "found"];

/** Codes that are put together: as the source writes them, and what comes of that. */
const COMPOSED: Readonly<Record<string, readonly string[]>> = {
  "${role}_type": ["email_type", "password_hash_type"],
};

/** Every code of a finding, read off the syntax of the sources, so that a new one cannot be overlooked. */
export function findingCodes(): FindingCode[] {
  const found = new Map<string, Set<string>>();
  for (const source of sources()) {
    for (const { node, maker } of walk(parseSync(source, { syntax: "typescript", target: "es2022" }), null)) {
      for (const code of codesIn(node)) {
        const severities = found.get(code) ?? new Set();
        if (maker !== null) severities.add(maker.replace(/^said /, ""));
        found.set(code, severities);
      }
    }
  }
  return [...found].map(([code, severities]) => ({ code, severities }));
}

function sources(): string[] {
  const directory = join(ROOT, "src/migration");
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(directory, name), "utf8"));
}

/** Every node, with the severity of the finding that the innermost call around it makes. */
function* walk(value: unknown, maker: string | null): Generator<{ node: Node; maker: string | null }> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walk(item, maker);
  } else if (typeof value === "object" && value !== null) {
    const node = value as Node;
    const inside = makerOf(node, maker);
    yield { node, maker: inside };
    for (const child of Object.values(node)) yield* walk(child, inside);
  }
}

/** What is said in an object itself (`severity: "warning"`) holds; else the innermost call around it. */
function makerOf(node: Node, outer: string | null): string | null {
  const said = node.type === "ObjectExpression" ? severityIn(node) : null;
  if (said !== null) return `said ${said}`;
  const called = calleeOf(node);
  if (called === null || outer?.startsWith("said ")) return outer;
  return MAKERS[called] ?? null;
}

function severityIn(node: Node): string | null {
  for (const property of node.properties as readonly Node[]) {
    if (property.type !== "KeyValueProperty" || (property.key as Node).value !== "severity") continue;
    const value = property.value as Node;
    const bare = (value.expression ?? value) as Node;
    return bare.type === "StringLiteral" ? String(bare.value) : null;
  }
  return null;
}

function calleeOf(node: Node): string | null {
  const callee = node.type === "CallExpression" ? (node.callee as Node) : {};
  return callee.type === "Identifier" ? String(callee.value) : null;
}

/** The codes that a node itself gives: as `code: …` of an object, or as the first argument of a function that takes one. */
function codesIn(node: Node): string[] {
  if (node.type === "KeyValueProperty") {
    const key = node.key as Node;
    return key.value === "code" ? texts(node.value as Node) : [];
  }
  if (!TAKERS.includes(calleeOf(node) ?? "")) return [];
  const [first] = node.arguments as readonly { expression: Node }[];
  return first === undefined ? [] : texts(first.expression);
}

/** The texts that an expression can come to, where it is written as one, as a choice or as one of the composed. */
function texts(node: Node): string[] {
  if (node.type === "StringLiteral") return [String(node.value)];
  if (node.type === "ConditionalExpression") {
    return [...texts(node.consequent as Node), ...texts(node.alternate as Node)];
  }
  if (node.type !== "TemplateLiteral") return [];
  const quasis = node.quasis as readonly { raw: string }[];
  const names = node.expressions as readonly Node[];
  const written = quasis
    .map(({ raw }, index) => raw + (names[index] ? `\${${names[index].value}}` : ""))
    .join("");
  const codes = COMPOSED[written];
  if (codes === undefined) throw new Error(`a code is put together in a way that is not known: ${written}`);
  return [...codes];
}
