import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportedSources } from "../../../scripts/support/exported-sources.ts";
import { isByHand } from "./by-hand.ts";
import { type Block, blocksOf, pageNames, ROOT } from "./pages.ts";

/** The TypeScript of every page, but for what says that it is not checked. */
export function snippets(): Block[] {
  return pageNames()
    .flatMap(blocksOf)
    .filter((block) => block.language === "ts" && !isByHand(block));
}

/** Whether a snippet is a whole program that listens. */
export function listens({ text }: Block): boolean {
  return /\blisten\(3000\)|port: 3000\b/.test(text);
}

/** A directory of snippets, in which `authgraft` is the sources of the checkout. */
export interface SnippetProject {
  readonly directory: string;
  /** Writes a program that listens on `port` in the place of 3000. Returns its path. */
  writeProgram(block: Block, port: number): Promise<string>;
  remove(): Promise<void>;
}

/** Writes every snippet into a project of its own inside the checkout, where its dependencies are found. */
export async function makeSnippetProject(): Promise<SnippetProject> {
  const parent = join(ROOT, ".authgraft");
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, "snippets-"));
  const write = (name: string, text: string) => writeFile(join(directory, name), text);
  await write("package.json", '{ "private": true, "type": "module" }\n');
  await write("tsconfig.json", JSON.stringify(compilerConfiguration()));
  for (const block of snippets()) await write(`${fileName(block)}.ts`, block.text);
  return {
    directory,
    writeProgram: async (block, port) => {
      const path = join(directory, `${fileName(block)}.run.ts`);
      const text = block.text.replace(/\b3000\b/, String(port));
      await writeFile(path, text);
      return path;
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

function compilerConfiguration(): object {
  return {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: {
      // The libraries' own declarations are checked with the checkout.
      skipLibCheck: true,
      paths: {
        ...Object.fromEntries([...exportedSources()].map(([name, source]) => [name, [source]])),
        "hono/ws": [join(ROOT, "tools/types/hono-ws.d.ts")],
      },
    },
    include: ["*.ts"],
    exclude: ["*.run.ts"],
  };
}

function fileName({ page, line }: Block): string {
  return `${page.replaceAll(/[^A-Za-z]/g, "-")}-${line}`;
}
