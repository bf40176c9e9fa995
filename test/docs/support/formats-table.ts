import type { CostBound, PasswordFormat } from "../../../src/passwords/stored-hash.ts";

/** The formats as a table of Markdown, in the order in which they are asked. */
export function formatsTable(formats: readonly PasswordFormat[]): string {
  const rows = formats.map(({ id, title, writtenBy, shapes, note }) => {
    const name = `${title}<br>\`${id}\``;
    return [name, shapes.map(asCode).join("<br>"), asProse(writtenBy.join(", ")), asProse(note ?? "")];
  });
  return table(["format", "how its texts look", "written by", "what else to know"], rows);
}

/** Every bound on what a stored text may cost, once, with the formats that have it. */
export function boundsTable(formats: readonly PasswordFormat[]): string {
  const found = new Map<string, { bound: CostBound; formats: string[] }>();
  for (const format of formats) {
    for (const bound of format.bounds) {
      const key = JSON.stringify(bound);
      const one = found.get(key) ?? { bound, formats: [] };
      one.formats.push(`\`${format.id}\``);
      found.set(key, one);
    }
  }
  const rows = [...found.values()].map(({ bound, formats: its }) => {
    const { parameter, most, unit = "", reason } = bound;
    return [parameter, `${most.toLocaleString("en")} ${unit}`.trim(), reason, its.join(", ")];
  });
  return table(["what", "at most", "why", "formats"], rows);
}

/** A page with what stands between `<!-- name -->` and `<!-- /name -->` replaced. */
export function replaceBetween(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no marks of ${name}`);
  return `${page.slice(0, from + start.length)}\n${text}\n${page.slice(to)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return [line(head), `|${"---|".repeat(head.length)}\n`, ...rows.map(line)].join("");
}

/** A shape with what stands in the text itself as code: what has no space in it and is no number. */
function asCode(shape: string): string {
  const [, literal = shape, remark = ""] = /^(.*?)( \([^)]*\))?$/.exec(shape) ?? [];
  if (literal.startsWith('{"')) return `\`${literal}\`${remark}`;
  const parts = literal.split(", ").map((part) => (/^\S*[^\s\d]\S*$/.test(part) ? `\`${part}\`` : part));
  return parts.join(", ") + remark;
}

/** A sentence with settings and marks as code; a dollar would begin a formula, an asterisk emphasis. */
function asProse(sentence: string): string {
  return sentence.replaceAll(/passwords\.legacy\.\w+|\w*\$\w+\$|\{\w+\}|\*\w+\*/g, (word) => `\`${word}\``);
}
