import { ConfigurationError } from "../errors.ts";

/**
 * The port that the environment variable PORT names; undefined where it is not set.
 *
 * @throws ConfigurationError `configuration_invalid`.
 */
export function portOf({ PORT: text }: Readonly<Record<string, string | undefined>>): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new ConfigurationError("configuration_invalid", `PORT is "${text}", which is not a port.`, {
    fix: "Set PORT to a number from 0 to 65535.",
  });
}
