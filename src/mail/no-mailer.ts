import { ConfigurationError } from "../errors.ts";
import type { Mailer } from "./mailer.ts";

/** Where the configuration has no way to send mail: what needs one is not offered. */
export const NO_MAILER: Mailer = {
  isAvailable: false,
  async enqueue() {
    throw new ConfigurationError("configuration_invalid", "No mail can be sent: mail.url is not set.");
  },
  wake: () => undefined,
  stop: async () => undefined,
};
