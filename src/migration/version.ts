/** The version of Authgraft, as the journal and the command line say it; a test holds it to package.json. */
export const VERSION = "0.1.0";
