-- graft-schema (lock: NONE)
BEGIN;
CREATE SCHEMA "authgraft" AUTHORIZATION "app_owner";
COMMENT ON SCHEMA "authgraft" IS 'Sign-in for public.users, by Authgraft.';
REVOKE ALL ON SCHEMA "authgraft" FROM PUBLIC;
CREATE TABLE "authgraft"."provenance" (
  "kind" character varying(16) NOT NULL,
  "name" text NOT NULL,
  "origin" character varying(16) NOT NULL,
  "before" jsonb,
  "made" jsonb,
  "step" character varying(64) NOT NULL,
  "recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "provenance_pkey" PRIMARY KEY ("kind", "name")
);
COMMENT ON TABLE "authgraft"."provenance" IS 'Whose each object is, the graft''s or the application''s own, and what it was before.';
ALTER TABLE "authgraft"."provenance" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."provenance" FROM PUBLIC;
CREATE TABLE "authgraft"."migration_runs" (
  "id" bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "authgraft"."migration_runs_id_seq") NOT NULL,
  "direction" character varying(8) NOT NULL,
  "state" character varying(16) NOT NULL,
  "version" character varying(64) NOT NULL,
  "run_by" text DEFAULT CURRENT_USER NOT NULL,
  "started_at" timestamp with time zone DEFAULT now() NOT NULL,
  "finished_at" timestamp with time zone,
  "detail" text,
  CONSTRAINT "migration_runs_pkey" PRIMARY KEY ("id")
);
COMMENT ON TABLE "authgraft"."migration_runs" IS 'The journal: every run of up and down.';
ALTER TABLE "authgraft"."migration_runs" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."migration_runs" FROM PUBLIC;
REVOKE ALL ON SEQUENCE "authgraft"."migration_runs_id_seq" FROM PUBLIC;
CREATE TABLE "authgraft"."migration_steps" (
  "id" bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "authgraft"."migration_steps_id_seq") NOT NULL,
  "run_id" bigint NOT NULL,
  "step" character varying(64) NOT NULL,
  "direction" character varying(8) NOT NULL,
  "state" character varying(16) NOT NULL,
  "started_at" timestamp with time zone DEFAULT now() NOT NULL,
  "finished_at" timestamp with time zone,
  CONSTRAINT "migration_steps_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "migration_steps_run_id_idx" ON "authgraft"."migration_steps" ("run_id");
COMMENT ON TABLE "authgraft"."migration_steps" IS 'The journal: every step of every run.';
ALTER TABLE "authgraft"."migration_steps" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."migration_steps" FROM PUBLIC;
REVOKE ALL ON SEQUENCE "authgraft"."migration_steps_id_seq" FROM PUBLIC;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('schema', 'authgraft', 'graft', NULL, '{"users_table":"public.users"}'::jsonb, 'graft-schema', clock_timestamp()),
       ('table', 'provenance', 'graft', NULL, NULL, 'graft-schema', clock_timestamp()),
       ('table', 'migration_runs', 'graft', NULL, NULL, 'graft-schema', clock_timestamp()),
       ('table', 'migration_steps', 'graft', NULL, NULL, 'graft-schema', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo graft-schema
BEGIN;
DROP FUNCTION IF EXISTS "authgraft"."refuse_new_value"();
DROP TABLE "authgraft"."migration_steps";
DROP TABLE "authgraft"."migration_runs";
DROP TABLE "authgraft"."provenance";
DROP SCHEMA "authgraft";
COMMIT;

-- users-columns (lock: ACCESS EXCLUSIVE)
BEGIN;
ALTER TABLE "public"."users"
  ADD COLUMN "password_hash" character varying(255),
  ADD COLUMN "is_admin" boolean NOT NULL DEFAULT false,
  ALTER COLUMN "auth_provider" DROP NOT NULL,
  ALTER COLUMN "auth_provider_id" DROP NOT NULL;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('column', 'email', 'application', NULL, NULL, 'users-columns', clock_timestamp()),
       ('column', 'password_hash', 'graft', NULL, '{"definition":"character varying(255)","type":"character varying(255)"}'::jsonb, 'users-columns', clock_timestamp()),
       ('column', 'is_admin', 'graft', NULL, '{"definition":"boolean NOT NULL DEFAULT false","type":"boolean"}'::jsonb, 'users-columns', clock_timestamp()),
       ('not_null', 'auth_provider', 'graft', '{"constraint":null}'::jsonb, NULL, 'users-columns', clock_timestamp()),
       ('not_null', 'auth_provider_id', 'graft', '{"constraint":null}'::jsonb, NULL, 'users-columns', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo users-columns
ALTER TABLE "public"."users"
  ADD CONSTRAINT "auth_provider_authgraft_not_null" CHECK ("auth_provider" IS NOT NULL) NOT VALID,
  ADD CONSTRAINT "auth_provider_id_authgraft_not_null" CHECK ("auth_provider_id" IS NOT NULL) NOT VALID;
ALTER TABLE "public"."users" VALIDATE CONSTRAINT "auth_provider_authgraft_not_null";
ALTER TABLE "public"."users" VALIDATE CONSTRAINT "auth_provider_id_authgraft_not_null";
BEGIN;
DO '
DECLARE
  found text;
BEGIN
  SELECT string_agg(pg_describe_object(d.classid, d.objid, d.objsubid), '', '') INTO found
  FROM pg_depend d
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  LEFT JOIN pg_constraint n ON d.classid = ''pg_constraint''::regclass AND n.oid = d.objid
  WHERE d.refclassid = ''pg_class''::regclass AND d.refobjid = ''"public"."users"''::regclass
    AND a.attname IN (''password_hash'', ''is_admin'')
    AND d.classid IN (''pg_class''::regclass, ''pg_constraint''::regclass, ''pg_statistic_ext''::regclass)
    AND d.deptype = ''a'' AND n.contype IS DISTINCT FROM ''n'';
  IF found IS NOT NULL THEN
    RAISE EXCEPTION ''it would take along what was made meanwhile: %'', found
      USING ERRCODE = ''dependent_objects_still_exist'';
  END IF;
END';
ALTER TABLE "public"."users"
  ALTER COLUMN "auth_provider" SET NOT NULL,
  ALTER COLUMN "auth_provider_id" SET NOT NULL;
ALTER TABLE "public"."users"
  DROP COLUMN "password_hash",
  DROP COLUMN "is_admin",
  DROP CONSTRAINT "auth_provider_authgraft_not_null",
  DROP CONSTRAINT "auth_provider_id_authgraft_not_null";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('column', 'email'), ('column', 'password_hash'), ('column', 'is_admin'), ('not_null', 'auth_provider'), ('not_null', 'auth_provider_id'));
COMMIT;

-- users-email-index (lock: SHARE UPDATE EXCLUSIVE)
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('index', 'users_email_authgraft_idx', 'graft', NULL, NULL, 'users-email-index', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
CREATE UNIQUE INDEX CONCURRENTLY "users_email_authgraft_idx" ON "public"."users" (lower("email" COLLATE "C")) WHERE "email" IS NOT NULL;
-- undo users-email-index
DROP INDEX CONCURRENTLY IF EXISTS "public"."users_email_authgraft_idx";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('index', 'users_email_authgraft_idx'));

-- revoked-tokens (lock: NONE)
BEGIN;
CREATE TABLE "public"."revoked_tokens" (
  "id" bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "public"."revoked_tokens_id_seq") NOT NULL,
  "user_id" uuid,
  "jti" character varying(255) NOT NULL,
  "revoked_at" timestamp with time zone DEFAULT now() NOT NULL,
  "expires_at" timestamp with time zone NOT NULL,
  CONSTRAINT "revoked_tokens_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "revoked_tokens_jti_key" UNIQUE ("jti")
);
CREATE INDEX "revoked_tokens_user_id_idx" ON "public"."revoked_tokens" ("user_id");
CREATE INDEX "revoked_tokens_expires_at_idx" ON "public"."revoked_tokens" ("expires_at");
COMMENT ON TABLE "public"."revoked_tokens" IS 'Access tokens that were revoked one by one, by jti (RFC 7519, 4.1.7).';
ALTER TABLE "public"."revoked_tokens" OWNER TO "app_owner";
REVOKE ALL ON TABLE "public"."revoked_tokens" FROM PUBLIC;
REVOKE ALL ON SEQUENCE "public"."revoked_tokens_id_seq" FROM PUBLIC;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('table', 'revoked_tokens', 'graft', NULL, '{"columns":["id","user_id","jti","revoked_at","expires_at"],"indexes":["revoked_tokens_user_id_idx","revoked_tokens_expires_at_idx"]}'::jsonb, 'revoked-tokens', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo revoked-tokens
BEGIN;
DROP TABLE "public"."revoked_tokens";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('table', 'revoked_tokens'));
COMMIT;

-- accounts (lock: NONE)
BEGIN;
CREATE TABLE "authgraft"."accounts" (
  "user_id" uuid NOT NULL,
  "verified_email" character varying(255),
  "verified_at" timestamp with time zone,
  "disabled_at" timestamp with time zone,
  "token_generation" integer DEFAULT 0 NOT NULL,
  "password_changed_at" timestamp with time zone,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "closed_at" timestamp with time zone,
  CONSTRAINT "accounts_pkey" PRIMARY KEY ("user_id")
);
COMMENT ON TABLE "authgraft"."accounts" IS 'What Authgraft knows of a user beyond the users table; made when first needed.';
ALTER TABLE "authgraft"."accounts" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."accounts" FROM PUBLIC;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('table', 'accounts', 'graft', NULL, '{"columns":["user_id","verified_email","verified_at","disabled_at","token_generation","password_changed_at","created_at","closed_at"],"indexes":[]}'::jsonb, 'accounts', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo accounts
BEGIN;
DROP TABLE "authgraft"."accounts";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('table', 'accounts'));
COMMIT;

-- sessions (lock: NONE)
BEGIN;
CREATE TABLE "authgraft"."sessions" (
  "id" uuid DEFAULT gen_random_uuid() NOT NULL,
  "user_id" uuid NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "expires_at" timestamp with time zone NOT NULL,
  "ended_at" timestamp with time zone,
  "generation" integer DEFAULT 0 NOT NULL,
  "token_expires_at" timestamp with time zone DEFAULT now() NOT NULL,
  "last_used_at" timestamp with time zone DEFAULT now() NOT NULL,
  "refresh_hash" bytea,
  "used_refresh_hashes" jsonb DEFAULT '[]'::jsonb NOT NULL,
  "user_agent" character varying(255),
  "address" character varying(64),
  CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "sessions_user_id_idx" ON "authgraft"."sessions" ("user_id");
CREATE INDEX "sessions_expires_at_idx" ON "authgraft"."sessions" ("expires_at");
CREATE INDEX "sessions_ended_at_idx" ON "authgraft"."sessions" ("ended_at");
COMMENT ON TABLE "authgraft"."sessions" IS 'One login on one device.';
ALTER TABLE "authgraft"."sessions" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."sessions" FROM PUBLIC;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('table', 'sessions', 'graft', NULL, '{"columns":["id","user_id","created_at","expires_at","ended_at","generation","token_expires_at","last_used_at","refresh_hash","used_refresh_hashes","user_agent","address"],"indexes":["sessions_user_id_idx","sessions_expires_at_idx","sessions_ended_at_idx"]}'::jsonb, 'sessions', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo sessions
BEGIN;
DROP TABLE "authgraft"."sessions";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('table', 'sessions'));
COMMIT;

-- signing-keys (lock: NONE)
BEGIN;
CREATE TABLE "authgraft"."signing_keys" (
  "kid" character varying(64) NOT NULL,
  "algorithm" character varying(16) NOT NULL,
  "public_jwk" jsonb NOT NULL,
  "private_jwe" text NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "active_at" timestamp with time zone DEFAULT now() NOT NULL,
  "retired_at" timestamp with time zone,
  "expires_at" timestamp with time zone,
  CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("kid")
);
COMMENT ON TABLE "authgraft"."signing_keys" IS 'The keys that sign access tokens; the private part is a JWE under AUTHGRAFT_SECRET.';
ALTER TABLE "authgraft"."signing_keys" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."signing_keys" FROM PUBLIC;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('table', 'signing_keys', 'graft', NULL, '{"columns":["kid","algorithm","public_jwk","private_jwe","created_at","active_at","retired_at","expires_at"],"indexes":[]}'::jsonb, 'signing-keys', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo signing-keys
BEGIN;
DROP TABLE "authgraft"."signing_keys";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('table', 'signing_keys'));
COMMIT;

-- audit-log (lock: NONE)
BEGIN;
CREATE TABLE "authgraft"."audit_log" (
  "id" uuid DEFAULT gen_random_uuid() NOT NULL,
  "occurred_at" timestamp with time zone DEFAULT now() NOT NULL,
  "event" character varying(64) NOT NULL,
  "user_id" text,
  "session_id" uuid,
  "address" character varying(64),
  "detail" jsonb,
  "result" character varying(16) DEFAULT 'success'::character varying NOT NULL,
  "actor" character varying(16) DEFAULT 'user'::character varying NOT NULL,
  "actor_id" text,
  "user_agent" character varying(255),
  CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "audit_log_occurred_at_id_idx" ON "authgraft"."audit_log" ("occurred_at", "id");
CREATE INDEX "audit_log_user_id_idx" ON "authgraft"."audit_log" ("user_id");
COMMENT ON TABLE "authgraft"."audit_log" IS 'What happened to accounts and sessions.';
ALTER TABLE "authgraft"."audit_log" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."audit_log" FROM PUBLIC;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('table', 'audit_log', 'graft', NULL, '{"columns":["id","occurred_at","event","user_id","session_id","address","detail","result","actor","actor_id","user_agent"],"indexes":["audit_log_occurred_at_id_idx","audit_log_user_id_idx"]}'::jsonb, 'audit-log', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo audit-log
BEGIN;
DROP TABLE "authgraft"."audit_log";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('table', 'audit_log'));
COMMIT;

-- one-time-tokens (lock: NONE)
BEGIN;
CREATE TABLE "authgraft"."one_time_tokens" (
  "id" uuid DEFAULT gen_random_uuid() NOT NULL,
  "purpose" character varying(32) NOT NULL,
  "token_hash" bytea NOT NULL,
  "user_id" uuid,
  "email" character varying(255),
  "change_id" uuid,
  "detail" jsonb,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "expires_at" timestamp with time zone NOT NULL,
  CONSTRAINT "one_time_tokens_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "one_time_tokens_token_hash_key" UNIQUE ("token_hash")
);
CREATE INDEX "one_time_tokens_user_id_idx" ON "authgraft"."one_time_tokens" ("user_id");
CREATE INDEX "one_time_tokens_expires_at_idx" ON "authgraft"."one_time_tokens" ("expires_at");
COMMENT ON TABLE "authgraft"."one_time_tokens" IS 'Links that work once, by the hash of their token; a row is gone when its link was used.';
ALTER TABLE "authgraft"."one_time_tokens" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."one_time_tokens" FROM PUBLIC;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('table', 'one_time_tokens', 'graft', NULL, '{"columns":["id","purpose","token_hash","user_id","email","change_id","detail","created_at","expires_at"],"indexes":["one_time_tokens_user_id_idx","one_time_tokens_expires_at_idx"]}'::jsonb, 'one-time-tokens', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo one-time-tokens
BEGIN;
DROP TABLE "authgraft"."one_time_tokens";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('table', 'one_time_tokens'));
COMMIT;

-- mail-queue (lock: NONE)
BEGIN;
CREATE TABLE "authgraft"."mail_queue" (
  "id" uuid DEFAULT gen_random_uuid() NOT NULL,
  "sealed" text NOT NULL,
  "attempts" integer DEFAULT 0 NOT NULL,
  "next_attempt_at" timestamp with time zone DEFAULT now() NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  "expires_at" timestamp with time zone NOT NULL,
  CONSTRAINT "mail_queue_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "mail_queue_next_attempt_at_idx" ON "authgraft"."mail_queue" ("next_attempt_at");
CREATE INDEX "mail_queue_expires_at_idx" ON "authgraft"."mail_queue" ("expires_at");
COMMENT ON TABLE "authgraft"."mail_queue" IS 'Mail to be sent, as a JWE under AUTHGRAFT_SECRET; a row is gone when its mail was sent.';
ALTER TABLE "authgraft"."mail_queue" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."mail_queue" FROM PUBLIC;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('table', 'mail_queue', 'graft', NULL, '{"columns":["id","sealed","attempts","next_attempt_at","created_at","expires_at"],"indexes":["mail_queue_next_attempt_at_idx","mail_queue_expires_at_idx"]}'::jsonb, 'mail-queue', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo mail-queue
BEGIN;
DROP TABLE "authgraft"."mail_queue";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('table', 'mail_queue'));
COMMIT;

-- rate-limits (lock: NONE)
BEGIN;
CREATE TABLE "authgraft"."rate_limits" (
  "key" character varying(255) NOT NULL,
  "points" integer DEFAULT 0 NOT NULL,
  "expire" bigint,
  CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key")
);
CREATE INDEX "rate_limits_expire_idx" ON "authgraft"."rate_limits" ("expire");
COMMENT ON TABLE "authgraft"."rate_limits" IS 'Attempts within a time, by digest of the account, address or device; expire is in ms since 1970.';
ALTER TABLE "authgraft"."rate_limits" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."rate_limits" FROM PUBLIC;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('table', 'rate_limits', 'graft', NULL, '{"columns":["key","points","expire"],"indexes":["rate_limits_expire_idx"]}'::jsonb, 'rate-limits', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo rate-limits
BEGIN;
DROP TABLE "authgraft"."rate_limits";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('table', 'rate_limits'));
COMMIT;

-- revocations (lock: NONE)
BEGIN;
CREATE TABLE "authgraft"."revocations" (
  "id" bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "authgraft"."revocations_id_seq") NOT NULL,
  "transaction_id" xid8 DEFAULT pg_current_xact_id() NOT NULL,
  "key" bytea,
  "generation" bigint DEFAULT '4294967295'::bigint NOT NULL,
  "expires_at" timestamp with time zone NOT NULL,
  "created_at" timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT "revocations_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "revocations_transaction_id_idx" ON "authgraft"."revocations" ("transaction_id", "id");
CREATE INDEX "revocations_expires_at_idx" ON "authgraft"."revocations" ("expires_at");
COMMENT ON TABLE "authgraft"."revocations" IS 'What ended before it expired: written by triggers, followed by every server.';
ALTER TABLE "authgraft"."revocations" OWNER TO "app_owner";
REVOKE ALL ON TABLE "authgraft"."revocations" FROM PUBLIC;
REVOKE ALL ON SEQUENCE "authgraft"."revocations_id_seq" FROM PUBLIC;
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('table', 'revocations', 'graft', NULL, '{"columns":["id","transaction_id","key","generation","expires_at","created_at"],"indexes":["revocations_transaction_id_idx","revocations_expires_at_idx"]}'::jsonb, 'revocations', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo revocations
BEGIN;
DROP TABLE "authgraft"."revocations";
DELETE FROM "authgraft"."provenance" WHERE ("kind", "name") IN (('table', 'revocations'));
COMMIT;

-- revocation-feed (lock: NONE)
BEGIN;
CREATE OR REPLACE FUNCTION "authgraft"."revoke_token"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS '
BEGIN
  IF coalesce(NEW.expires_at > now() - interval ''1 minute'', true) THEN
    INSERT INTO "authgraft"."revocations" (key, expires_at, generation) VALUES (substr(sha256(convert_to(''jti '' || NEW.jti, CASE getdatabaseencoding() WHEN ''SQL_ASCII'' THEN ''SQL_ASCII'' ELSE ''UTF8'' END)), 1, 16), coalesce(NEW.expires_at, ''infinity''), 4294967295);
  END IF;
  IF current_setting(''max_prepared_transactions'') = ''0'' THEN
    PERFORM pg_notify(''authgraft_authgraft'', '''');
  END IF;
  RETURN NULL;
END';
ALTER FUNCTION "authgraft"."revoke_token"() OWNER TO "app_owner";
REVOKE ALL ON FUNCTION "authgraft"."revoke_token"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "authgraft"."end_session"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS '
BEGIN
  IF TG_OP = ''DELETE'' THEN
    INSERT INTO "authgraft"."revocations" (key, expires_at, generation) VALUES (substr(sha256(convert_to(''sid '' || OLD.id::text, CASE getdatabaseencoding() WHEN ''SQL_ASCII'' THEN ''SQL_ASCII'' ELSE ''UTF8'' END)), 1, 16), OLD.token_expires_at, 4294967295);
  ELSE
    IF OLD.user_id <> NEW.user_id OR NEW.expires_at < OLD.expires_at THEN
      INSERT INTO "authgraft"."revocations" (key, expires_at, generation) VALUES (substr(sha256(convert_to(''sub '' || OLD.user_id::text, CASE getdatabaseencoding() WHEN ''SQL_ASCII'' THEN ''SQL_ASCII'' ELSE ''UTF8'' END)), 1, 16), OLD.token_expires_at, 4294967295);
    END IF;
    IF OLD.id <> NEW.id OR NEW.ended_at IS NOT NULL THEN
      INSERT INTO "authgraft"."revocations" (key, expires_at, generation) VALUES (substr(sha256(convert_to(''sid '' || OLD.id::text, CASE getdatabaseencoding() WHEN ''SQL_ASCII'' THEN ''SQL_ASCII'' ELSE ''UTF8'' END)), 1, 16), OLD.token_expires_at, 4294967295);
    END IF;
  END IF;
  IF current_setting(''max_prepared_transactions'') = ''0'' THEN
    PERFORM pg_notify(''authgraft_authgraft'', '''');
  END IF;
  RETURN NULL;
END';
ALTER FUNCTION "authgraft"."end_session"() OWNER TO "app_owner";
REVOKE ALL ON FUNCTION "authgraft"."end_session"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "authgraft"."end_tokens"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS '
BEGIN
  IF TG_OP = ''DELETE'' THEN
    INSERT INTO "authgraft"."revocations" (key, expires_at, generation) VALUES (substr(sha256(convert_to(''sub '' || OLD.user_id::text, CASE getdatabaseencoding() WHEN ''SQL_ASCII'' THEN ''SQL_ASCII'' ELSE ''UTF8'' END)), 1, 16), clock_timestamp() + interval ''1 day 1 minute'', OLD.token_generation::bigint + 1);
  ELSIF TG_OP = ''UPDATE'' AND OLD.token_generation > NEW.token_generation THEN
    INSERT INTO "authgraft"."revocations" (key, expires_at, generation) VALUES (substr(sha256(convert_to(''sub '' || NEW.user_id::text, CASE getdatabaseencoding() WHEN ''SQL_ASCII'' THEN ''SQL_ASCII'' ELSE ''UTF8'' END)), 1, 16), clock_timestamp() + interval ''1 day 1 minute'', OLD.token_generation::bigint + 1);
  ELSE
    INSERT INTO "authgraft"."revocations" (key, expires_at, generation) VALUES (substr(sha256(convert_to(''sub '' || NEW.user_id::text, CASE getdatabaseencoding() WHEN ''SQL_ASCII'' THEN ''SQL_ASCII'' ELSE ''UTF8'' END)), 1, 16), clock_timestamp() + interval ''1 day 1 minute'', NEW.token_generation + CASE WHEN NEW.disabled_at IS NULL THEN 0 ELSE 1 END);
  END IF;
  IF current_setting(''max_prepared_transactions'') = ''0'' THEN
    PERFORM pg_notify(''authgraft_authgraft'', '''');
  END IF;
  RETURN NULL;
END';
ALTER FUNCTION "authgraft"."end_tokens"() OWNER TO "app_owner";
REVOKE ALL ON FUNCTION "authgraft"."end_tokens"() FROM PUBLIC;
CREATE OR REPLACE FUNCTION "authgraft"."end_everything"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS '
BEGIN
  INSERT INTO "authgraft"."revocations" (created_at, expires_at) VALUES (clock_timestamp(), clock_timestamp() + interval ''1 day 1 minute'');
  IF current_setting(''max_prepared_transactions'') = ''0'' THEN
    PERFORM pg_notify(''authgraft_authgraft'', '''');
  END IF;
  RETURN NULL;
END';
ALTER FUNCTION "authgraft"."end_everything"() OWNER TO "app_owner";
REVOKE ALL ON FUNCTION "authgraft"."end_everything"() FROM PUBLIC;
CREATE OR REPLACE TRIGGER "authgraft_feed_insert" AFTER INSERT ON "public"."revoked_tokens" FOR EACH ROW EXECUTE FUNCTION "authgraft"."revoke_token"();
CREATE OR REPLACE TRIGGER "authgraft_feed_update" AFTER UPDATE ON "public"."revoked_tokens" FOR EACH ROW EXECUTE FUNCTION "authgraft"."revoke_token"();
CREATE OR REPLACE TRIGGER "authgraft_feed_update" AFTER UPDATE ON "authgraft"."sessions" FOR EACH ROW WHEN (OLD.token_expires_at > now() - interval '1 minute' AND (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL OR NEW.expires_at < OLD.expires_at AND NEW.expires_at < OLD.token_expires_at OR OLD.id <> NEW.id OR OLD.user_id <> NEW.user_id)) EXECUTE FUNCTION "authgraft"."end_session"();
CREATE OR REPLACE TRIGGER "authgraft_feed_delete" AFTER DELETE ON "authgraft"."sessions" FOR EACH ROW WHEN (OLD.token_expires_at > now() - interval '1 minute' AND OLD.ended_at IS NULL) EXECUTE FUNCTION "authgraft"."end_session"();
CREATE OR REPLACE TRIGGER "authgraft_feed_truncate" AFTER TRUNCATE ON "authgraft"."sessions" FOR EACH STATEMENT EXECUTE FUNCTION "authgraft"."end_everything"();
CREATE OR REPLACE TRIGGER "authgraft_feed_insert" AFTER INSERT ON "authgraft"."accounts" FOR EACH ROW WHEN (NEW.token_generation <> 0 OR NEW.disabled_at IS NOT NULL) EXECUTE FUNCTION "authgraft"."end_tokens"();
CREATE OR REPLACE TRIGGER "authgraft_feed_update" AFTER UPDATE ON "authgraft"."accounts" FOR EACH ROW WHEN (OLD.token_generation <> NEW.token_generation OR OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL) EXECUTE FUNCTION "authgraft"."end_tokens"();
CREATE OR REPLACE TRIGGER "authgraft_feed_delete" AFTER DELETE ON "authgraft"."accounts" FOR EACH ROW WHEN (OLD.token_generation <> 0 OR OLD.disabled_at IS NOT NULL) EXECUTE FUNCTION "authgraft"."end_tokens"();
INSERT INTO "authgraft"."provenance" ("kind", "name", "origin", "before", "made", "step", "recorded_at")
VALUES ('trigger', 'revoked_tokens.authgraft_feed_insert', 'graft', NULL, NULL, 'revocation-feed', clock_timestamp()),
       ('trigger', 'revoked_tokens.authgraft_feed_update', 'graft', NULL, NULL, 'revocation-feed', clock_timestamp()),
       ('trigger', 'sessions.authgraft_feed_update', 'graft', NULL, NULL, 'revocation-feed', clock_timestamp()),
       ('trigger', 'sessions.authgraft_feed_delete', 'graft', NULL, NULL, 'revocation-feed', clock_timestamp()),
       ('trigger', 'sessions.authgraft_feed_truncate', 'graft', NULL, NULL, 'revocation-feed', clock_timestamp()),
       ('trigger', 'accounts.authgraft_feed_insert', 'graft', NULL, NULL, 'revocation-feed', clock_timestamp()),
       ('trigger', 'accounts.authgraft_feed_update', 'graft', NULL, NULL, 'revocation-feed', clock_timestamp()),
       ('trigger', 'accounts.authgraft_feed_delete', 'graft', NULL, NULL, 'revocation-feed', clock_timestamp())
ON CONFLICT ("kind", "name") DO UPDATE
  SET ("origin", "before", "made", "step", "recorded_at") =
    (EXCLUDED."origin", EXCLUDED."before", EXCLUDED."made", EXCLUDED."step", EXCLUDED."recorded_at");
COMMIT;
-- undo revocation-feed
BEGIN;
DROP TRIGGER IF EXISTS "authgraft_feed_insert" ON "public"."revoked_tokens";
DROP TRIGGER IF EXISTS "authgraft_feed_update" ON "public"."revoked_tokens";
DROP TRIGGER IF EXISTS "authgraft_feed_update" ON "authgraft"."sessions";
DROP TRIGGER IF EXISTS "authgraft_feed_delete" ON "authgraft"."sessions";
DROP TRIGGER IF EXISTS "authgraft_feed_truncate" ON "authgraft"."sessions";
DROP TRIGGER IF EXISTS "authgraft_feed_insert" ON "authgraft"."accounts";
DROP TRIGGER IF EXISTS "authgraft_feed_update" ON "authgraft"."accounts";
DROP TRIGGER IF EXISTS "authgraft_feed_delete" ON "authgraft"."accounts";
DROP FUNCTION IF EXISTS "authgraft"."revoke_token"();
DROP FUNCTION IF EXISTS "authgraft"."end_session"();
DROP FUNCTION IF EXISTS "authgraft"."end_tokens"();
DROP FUNCTION IF EXISTS "authgraft"."end_everything"();
COMMIT;

-- foreign-keys (lock: SHARE ROW EXCLUSIVE)
BEGIN;
ALTER TABLE "public"."revoked_tokens" ADD CONSTRAINT "revoked_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id") ON UPDATE CASCADE ON DELETE SET NULL NOT VALID;
ALTER TABLE "authgraft"."accounts" ADD CONSTRAINT "accounts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id") ON UPDATE CASCADE ON DELETE CASCADE NOT VALID;
ALTER TABLE "authgraft"."sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id") ON UPDATE CASCADE ON DELETE CASCADE NOT VALID;
ALTER TABLE "authgraft"."one_time_tokens" ADD CONSTRAINT "one_time_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id") ON UPDATE CASCADE ON DELETE CASCADE NOT VALID;
COMMIT;
BEGIN;
UPDATE "public"."revoked_tokens" r SET "user_id" = NULL WHERE r."user_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "public"."users" u WHERE u."id" = r."user_id");
ALTER TABLE "public"."revoked_tokens" VALIDATE CONSTRAINT "revoked_tokens_user_id_fkey";
COMMIT;
BEGIN;
DELETE FROM "authgraft"."accounts" r WHERE r."user_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "public"."users" u WHERE u."id" = r."user_id");
ALTER TABLE "authgraft"."accounts" VALIDATE CONSTRAINT "accounts_user_id_fkey";
COMMIT;
BEGIN;
DELETE FROM "authgraft"."sessions" r WHERE r."user_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "public"."users" u WHERE u."id" = r."user_id");
ALTER TABLE "authgraft"."sessions" VALIDATE CONSTRAINT "sessions_user_id_fkey";
COMMIT;
BEGIN;
DELETE FROM "authgraft"."one_time_tokens" r WHERE r."user_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "public"."users" u WHERE u."id" = r."user_id");
ALTER TABLE "authgraft"."one_time_tokens" VALIDATE CONSTRAINT "one_time_tokens_user_id_fkey";
COMMIT;
-- undo foreign-keys
BEGIN;
ALTER TABLE "public"."revoked_tokens" DROP CONSTRAINT IF EXISTS "revoked_tokens_user_id_fkey";
ALTER TABLE "authgraft"."accounts" DROP CONSTRAINT IF EXISTS "accounts_user_id_fkey";
ALTER TABLE "authgraft"."sessions" DROP CONSTRAINT IF EXISTS "sessions_user_id_fkey";
ALTER TABLE "authgraft"."one_time_tokens" DROP CONSTRAINT IF EXISTS "one_time_tokens_user_id_fkey";
COMMIT;
