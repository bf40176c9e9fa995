"use strict";
/*
 * Makes the checkout ready to run, before any npm script does: `npm start` and `npm test` work as the very
 * first command in a fresh clone. It runs on whatever Node.js the machine has, before anything is
 * installed: plain CommonJS, no dependencies, no syntax newer than Node.js 14.
 *
 * It writes to stderr only, so that the output of a command stays clean.
 */
const { spawnSync } = require("child_process");
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");

const root = path.join(__dirname, "..");
const nodeModules = path.join(root, "node_modules");
const stampFile = path.join(nodeModules, ".authgraft-setup");
const lockFile = path.join(root, ".authgraft-setup.lock");
const onWindows = process.platform === "win32";
/** An install that holds the lock for longer than this (milliseconds) is taken for dead. */
const LOCK_TIMEOUT = 20 * 60 * 1000;

function say(message) {
  process.stderr.write(`authgraft: ${message}\n`);
}

function fail(message) {
  say(message);
  process.exit(1);
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** What the stamp holds once this very package-lock.json is installed for this very platform. */
function fingerprint() {
  const hash = crypto.createHash("sha256").update(fs.readFileSync(path.join(root, "package-lock.json")));
  return `${hash.digest("hex")} ${process.platform}-${process.arch}\n`;
}

/** Optional packages are one per platform: whether this entry of package-lock.json belongs on this one. */
function belongsHere(entry) {
  if (!entry.optional) return true;
  const fits = (list, value) => list !== undefined && [].concat(list).includes(value);
  return entry.libc === undefined && fits(entry.os, process.platform) && fits(entry.cpu, process.arch);
}

/**
 * What package-lock.json asks for and npm's own record of its last finished install does not list. The
 * record also recognises an install done by hand (`npm ci`, `npm install`), and it shows an optional
 * package whose download failed, which npm passes over in silence.
 */
function missingPackages() {
  const record = JSON.parse(
    readIfThere(path.join(nodeModules, ".package-lock.json")) || '{ "packages": {} }',
  );
  const wanted = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  return Object.keys(wanted).filter((location) => {
    const entry = wanted[location];
    if (!location.startsWith("node_modules/") || !belongsHere(entry)) return false;
    const found = record.packages[location];
    if (!found || found.version !== entry.version) return true;
    return entry.integrity !== undefined && found.integrity !== entry.integrity;
  });
}

function isInstalled(stamp) {
  if (readIfThere(stampFile) === stamp) return true;
  if (missingPackages().length > 0) return false;
  fs.writeFileSync(stampFile, stamp);
  return true;
}

/** Runs npm: the one that called us, or the one on the PATH. */
function runNpm(args) {
  const options = { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 << 20 };
  const npmCli = process.env.npm_execpath;
  if (npmCli !== undefined && /\.c?js$/.test(npmCli)) {
    return spawnSync(process.execPath, [npmCli].concat(args), options);
  }
  return spawnSync("npm", args, Object.assign({ shell: onWindows }, options));
}

function install(stamp) {
  const first = !fs.existsSync(nodeModules);
  const started = Date.now();
  say(first ? "Installing dependencies (first run, about a minute) …" : "Bringing dependencies up to date …");
  fs.rmSync(stampFile, { force: true });
  const quiet = ["--loglevel=error", "--no-audit", "--no-fund", "--no-progress"];
  // `include`: NODE_ENV=production or an `omit` in the user's own configuration must not leave tools out.
  const result = runNpm(["ci", "--include=dev", "--include=optional", "--prefer-offline"].concat(quiet));
  if (result.error || result.status !== 0) {
    process.stderr.write(result.stderr || String(result.error || ""));
    fail(
      "The dependencies could not be installed; npm's own message is above. Check the network and the " +
        "space on the disk, then run the same command again: it starts afresh, there is nothing to clean up.",
    );
  }
  const missing = missingPackages();
  if (missing.length > 0) {
    fail(`npm left out ${missing.join(", ")}, as it does when a download fails. Run the same command again.`);
  }
  ensureNode();
  fs.writeFileSync(stampFile, stamp);
  say(`Dependencies are installed (${Math.round((Date.now() - started) / 1000)} s).`);
}

/** Whether TypeScript sources and `authgraft.config.ts` run as they are: Node.js 22.18 or newer. */
function isSupported(version) {
  const parts = version.replace(/^v/, "").split(".").map(Number);
  return parts[0] > 22 || (parts[0] === 22 && parts[1] >= 18);
}

/** The version a Node.js says, or undefined when it does not start. */
function versionOf(command, env) {
  // Without a shell, whatever stands in the path stands for itself; Windows starts a .cmd by its shell only.
  const result = onWindows
    ? spawnSync(`"${command}" --version`, { env, shell: true, encoding: "utf8" })
    : spawnSync(command, ["--version"], { env, encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** The version of the node that the npm scripts of this checkout get. */
function nodeOfScripts() {
  const env = Object.assign({}, process.env);
  const name = Object.keys(env).find((key) => key.toUpperCase() === "PATH") || "PATH";
  env[name] = [path.join(nodeModules, ".bin"), env[name]].join(path.delimiter);
  return versionOf("node", env);
}

/**
 * After an install, node_modules/.bin holds a Node.js of its own where npm has one for this platform that
 * runs here. Where it does not, the machine's own takes its place if it is new enough.
 */
function ensureNode() {
  const ownNode = path.join(nodeModules, ".bin", onWindows ? "node.cmd" : "node");
  const hasOwn = fs.existsSync(ownNode) && versionOf(ownNode) !== undefined;
  if (!hasOwn) fs.rmSync(ownNode, { force: true });
  const version = nodeOfScripts();
  const platform = `${process.platform}-${process.arch}`;
  if (version === undefined || !isSupported(version)) {
    fail(
      `npm has no Node.js for ${platform} that runs here, and the machine's own is ${version || "missing"}. ` +
        "Install Node.js 24 (https://nodejs.org, or your package manager), then run the same command again.",
    );
  }
  if (!hasOwn) say(`Using this machine's Node.js ${version}: npm has none for ${platform} that runs here.`);
}

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function takeLock() {
  try {
    fs.writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

/** Whether the lock was left by an install that was killed. */
function isLockStale() {
  const holder = readIfThere(lockFile);
  if (holder === undefined) return false;
  const age = Date.now() - fs.statSync(lockFile).mtimeMs;
  const written = holder !== "" || age > 5000;
  return written && (!isAlive(Number(holder)) || age > LOCK_TIMEOUT);
}

/** Two commands started at once (`npm start`, `npm test`) must not install into each other's feet. */
function withLock(work) {
  let waiting = false;
  while (!takeLock()) {
    if (isLockStale()) {
      fs.rmSync(lockFile, { force: true });
      continue;
    }
    if (!waiting) say("Waiting for another command that is installing the dependencies …");
    waiting = true;
    sleep(200);
  }
  process.on("exit", () => fs.rmSync(lockFile, { force: true }));
  work();
}

function main() {
  const stamp = fingerprint();
  if (!isInstalled(stamp)) {
    withLock(() => {
      if (!isInstalled(stamp)) install(stamp);
    });
  } else if (!isSupported(process.version)) {
    // The stamp stands and yet an older node was found first: node_modules/.bin has lost its own.
    ensureNode();
  }
}

main();
