/** What stands in braces before an LDAP password (RFC 2307, 5.3), and what comes after it. */
export interface LdapPassword {
  /** In upper case, for case does not count. */
  readonly scheme: string;
  readonly rest: string;
}

/** Takes a text apart; null where no scheme stands before it. */
export function readLdapScheme(stored: string): LdapPassword | null {
  const [braced = "", scheme] = /^\{([A-Za-z0-9-]{1,20})\}/.exec(stored) ?? [];
  return scheme === undefined ? null : { scheme: scheme.toUpperCase(), rest: stored.slice(braced.length) };
}
