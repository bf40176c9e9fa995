/** The role that owns every test database; like most applications' own, it is not a superuser. */
export const OWNER = { name: "app_owner", password: "owner-of-the-test-databases" } as const;
