/**
 * Lets a program of the checkout import `authgraft` as one that has installed it does, with nothing built: what
 * package.json exports is taken from the sources that it is built from. For `node --import`.
 */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { exportedSources } from "./exported-sources.ts";

const sources = exportedSources();

registerHooks({
  resolve(specifier, context, next) {
    const source = sources.get(specifier);
    return next(source === undefined ? specifier : pathToFileURL(source).href, context);
  },
});
