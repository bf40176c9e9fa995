/**
 * Completes package-lock.json. A registry mirror that lacks some platforms' packages leaves them out of the
 * lock in silence, and `npm ci` of npm 11 then refuses it everywhere. This adds an entry for each optional
 * package the lock names without describing: its version, and the platform its name says. Such an entry
 * has no integrity; a lock made against the whole registry has nothing for this to do.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

interface LockEntry {
  version?: string;
  cpu?: string[];
  dev?: boolean;
  libc?: string[];
  optional?: boolean;
  os?: string[];
  optionalDependencies?: Record<string, string>;
}

type Packages = Record<string, LockEntry>;

const OPERATING_SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const PROCESSORS = [
  "arm",
  "arm64",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "wasm32",
  "x64",
];

/** The platform a package's name says: `@swc/core-linux-arm64-musl` is for Linux on arm64 with musl. */
export function platformOf(name: string): { cpu: string[]; libc: { libc?: string[] }; os: string[] } {
  const words = name.replace("windows", "win32").split(/[-/]/);
  const os = words.filter((word) => OPERATING_SYSTEMS.includes(word));
  const cpu = words.filter((word) => PROCESSORS.includes(word));
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`Which platform is ${name} for?`);
  if (words.some((word) => word.startsWith("musl"))) return { cpu, libc: { libc: ["musl"] }, os };
  if (words.some((word) => word.startsWith("gnu"))) return { cpu, libc: { libc: ["glibc"] }, os };
  return { cpu, libc: {}, os };
}

/** Whether the locked version is one that the range asks for; platform packages are asked for by `1.2.3` or `^1.2.3`. */
function satisfies(version: string | undefined, range: string): boolean {
  const major = (text: string) => text.replace(/^[\^~]/, "").split(".")[0];
  return (
    version !== undefined && (/^[\^~]/.test(range) ? major(version) === major(range) : version === range)
  );
}

/** The entries that `npm ci` would miss, each where npm would put it. */
export function missingEntries(packages: Packages): Packages {
  const missing: Packages = {};
  const at = (location: string) => missing[location] ?? packages[location];
  for (const [location, parent] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
      const hoisted = `node_modules/${name}`;
      const nested = `${location}/node_modules/${name}`;
      if (at(nested) !== undefined || satisfies(at(hoisted)?.version, range)) continue;
      const { cpu, libc, os } = platformOf(name);
      const version = range.replace(/^[\^~]/, "");
      const dev = parent.dev === true ? { dev: true } : {};
      // In npm's own order of keys, so that its next run changes nothing.
      missing[at(hoisted) === undefined ? hoisted : nested] = {
        version,
        cpu,
        ...dev,
        ...libc,
        optional: true,
        os,
      };
    }
  }
  return missing;
}

function completeLock(file: string): number {
  const lock: { packages: Packages } = JSON.parse(readFileSync(file, "utf8"));
  const missing = missingEntries(lock.packages);
  const sorted = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) =>
    a.localeCompare(b, "en"),
  );
  lock.packages = Object.fromEntries(sorted);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  return Object.keys(missing).length;
}

if (import.meta.main) {
  const file = fileURLToPath(new URL("../package-lock.json", import.meta.url));
  console.log(`package-lock.json: ${completeLock(file)} entries added.`);
}
