/** One key of a configuration, as its zod schema has it. */
export interface Setting {
  /** With dots: `tokens.issuer`. */
  readonly key: string;
  /** What a description of its type must say: bounds, choices, whether null is allowed. */
  readonly traits: readonly string[];
}

/** What is looked at of a zod schema. */
interface Schema {
  readonly def: {
    readonly type: string;
    readonly innerType?: Schema;
    readonly in?: Schema;
    readonly options?: readonly Schema[];
    readonly shape?: Readonly<Record<string, Schema>>;
    readonly entries?: Readonly<Record<string, string>>;
  };
  readonly minValue?: number | null;
  readonly maxValue?: number | null;
}

const WORDS: Readonly<Record<string, string>> = {
  boolean: "true or false",
  array: "list",
  nullable: "or null",
  custom: "function",
};

/** Every key under an object schema, at any depth. */
export function settingsOf(schema: unknown, path: readonly string[] = []): Setting[] {
  const layers = layersOf(schema as Schema);
  const object = layers.find(({ def }) => def.type === "object");
  if (object === undefined) return [{ key: path.join("."), traits: layers.flatMap(traitsOf) }];
  return Object.entries(object.def.shape ?? {}).flatMap(([name, inner]) =>
    settingsOf(inner, [...path, name]),
  );
}

/** A schema and what it wraps; of a choice between schemas, every one. */
function layersOf(schema: Schema): Schema[] {
  const { innerType, in: input, options = [] } = schema.def;
  const inner = [innerType, input, ...options].filter((one) => one !== undefined);
  return [schema, ...inner.flatMap(layersOf)];
}

function traitsOf({ def, minValue, maxValue }: Schema): string[] {
  const choices = Object.values(def.entries ?? {}).map((choice) => `"${choice}"`);
  const bounds = def.type === "number" ? [`${minValue} to ${maxValue}`] : [];
  const word = WORDS[def.type];
  return [...choices, ...bounds, ...(word === undefined ? [] : [word])];
}
