import { type HeaderOptions, lookUpRole, type Role, wrongHeader } from "../source/roles.ts";
import { collect, type ReadRecord } from "../source/source-row.ts";

/**
 * Reads plain objects whose members are named as headers are.
 *
 * The reader throws ConfigurationError `usage_invalid` for a member that is not known.
 */
export function readPlain(options: HeaderOptions): ReadRecord {
  const roles = new Map<string, Role | null>();
  const roleOf = (name: string, names: readonly string[]) => {
    const known = roles.get(name);
    if (known !== undefined) return known;
    const role = lookUpRole(name, options);
    if (role === undefined)
      throw wrongHeader(names, `The member ${JSON.stringify(name.slice(0, 60))} is not known.`);
    roles.set(name, role);
    return role;
  };
  return (record) => {
    const names = Object.keys(record);
    return collect(
      names.flatMap((name) => {
        const role = roleOf(name, names);
        return role === null ? [] : [[role, record[name]] as const];
      }),
    );
  };
}
