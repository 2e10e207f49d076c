CREATE TABLE "models" (
    "name" TEXT NOT NULL,
    "current_version" INTEGER NOT NULL,
    "schedule_version" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "models_pkey" PRIMARY KEY ("name")
);

CREATE TABLE "model_definitions" (
    "model" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "definition" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,

    CONSTRAINT "model_definitions_pkey" PRIMARY KEY ("model", "version")
);

CREATE TABLE "runs" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'pipeline',
    "model" TEXT NOT NULL,
    "definition_version" INTEGER NOT NULL,
    "policy_version" TEXT,
    "status" TEXT NOT NULL,
    "trigger_source" TEXT NOT NULL,
    "dry_run" BOOLEAN NOT NULL,
    "data_window_id" TEXT NOT NULL,
    "api_key_id" UUID,
    "idempotency_key" TEXT,
    "request_digest" TEXT NOT NULL,
    "triggered_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "urgency" TEXT,
    "health" TEXT,
    "evaluation_outcome" TEXT,
    "drift_detected" BOOLEAN NOT NULL DEFAULT false,
    "retrained" BOOLEAN NOT NULL DEFAULT false,
    "evaluated" BOOLEAN NOT NULL DEFAULT false,
    "promoted" BOOLEAN NOT NULL DEFAULT false,
    "outcome" TEXT,
    "failure" JSONB,
    "summary" JSONB,
    "head_number" INTEGER NOT NULL DEFAULT 0,
    "head_hash" TEXT,
    "history_artifact" TEXT,

    CONSTRAINT "runs_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "steps" (
    "run_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "workflow_id" TEXT NOT NULL,
    "workflow_run_id" TEXT NOT NULL,
    "activity_id" TEXT NOT NULL,
    "previous_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "steps_pkey" PRIMARY KEY ("run_id", "number")
);

CREATE TABLE "drift_reports" (
    "run_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "dataset" JSONB NOT NULL,
    "report" JSONB,
    "artifact" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "drift_reports_pkey" PRIMARY KEY ("run_id")
);

CREATE TABLE "trainings" (
    "id" TEXT NOT NULL,
    "run_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "trainer" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "mlflow_run_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "adopted_attempt" INTEGER,
    "version" TEXT,
    "failure" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "trainings_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "training_attempts" (
    "training_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "handle" JSONB,
    "exit" JSONB,
    "log_artifact" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "training_attempts_pkey" PRIMARY KEY ("training_id", "number")
);

CREATE TABLE "evaluations" (
    "run_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "champion_version" TEXT,
    "challenger_version" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "evidence_digest" TEXT NOT NULL,
    "report" JSONB NOT NULL,
    "artifact" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "evaluations_pkey" PRIMARY KEY ("run_id")
);

CREATE TABLE "approvals" (
    "run_id" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "evidence_digest" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "deadline" TIMESTAMPTZ(3) NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,
    "channel" TEXT,
    "reason" TEXT,

    CONSTRAINT "approvals_pkey" PRIMARY KEY ("run_id")
);

CREATE TABLE "promotions" (
    "run_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "registered_model" TEXT NOT NULL,
    "alias" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "previous_version" TEXT,
    "status" TEXT NOT NULL,
    "detail" TEXT,
    "intended_at" TIMESTAMPTZ(3) NOT NULL,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "promotions_pkey" PRIMARY KEY ("run_id")
);

CREATE TABLE "champion_leases" (
    "model" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "lease" JSONB,
    "cool_down_until" TIMESTAMPTZ(3),

    CONSTRAINT "champion_leases_pkey" PRIMARY KEY ("model")
);

CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "runs_api_key_id_idempotency_key_key" ON "runs"("api_key_id", "idempotency_key");
CREATE INDEX "runs_triggered_at_id_idx" ON "runs"("triggered_at" DESC, "id" DESC);
CREATE INDEX "runs_model_triggered_at_idx" ON "runs"("model", "triggered_at" DESC);
CREATE INDEX "runs_status_idx" ON "runs"("status");
CREATE INDEX "drift_reports_model_created_at_idx" ON "drift_reports"("model", "created_at" DESC);
CREATE UNIQUE INDEX "trainings_run_id_key" ON "trainings"("run_id");
CREATE INDEX "evaluations_model_created_at_idx" ON "evaluations"("model", "created_at" DESC);
CREATE INDEX "promotions_model_intended_at_idx" ON "promotions"("model", "intended_at" DESC);
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

ALTER TABLE "model_definitions" ADD CONSTRAINT "model_definitions_model_fkey" FOREIGN KEY ("model") REFERENCES "models"("name") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "runs" ADD CONSTRAINT "runs_model_definition_version_fkey" FOREIGN KEY ("model", "definition_version") REFERENCES "model_definitions"("model", "version") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "steps" ADD CONSTRAINT "steps_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "drift_reports" ADD CONSTRAINT "drift_reports_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "trainings" ADD CONSTRAINT "trainings_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "training_attempts" ADD CONSTRAINT "training_attempts_training_id_fkey" FOREIGN KEY ("training_id") REFERENCES "trainings"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "promotions" ADD CONSTRAINT "promotions_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The audit log is appended to and nothing else, whoever asks.
CREATE FUNCTION steps_are_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'steps are immutable: % on run % is not allowed', TG_OP, COALESCE(OLD.run_id::text, '(all)')
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER steps_no_update_or_delete BEFORE UPDATE OR DELETE ON "steps"
    FOR EACH ROW EXECUTE FUNCTION steps_are_immutable();

CREATE FUNCTION steps_are_not_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'steps are immutable: TRUNCATE is not allowed' USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER steps_no_truncate BEFORE TRUNCATE ON "steps"
    FOR EACH STATEMENT EXECUTE FUNCTION steps_are_not_truncated();

-- A run that has ended is not opened again; only the export of its history comes later.
CREATE FUNCTION runs_end_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('completed', 'failed', 'cancelled')
        AND (to_jsonb(NEW) - 'history_artifact') <> (to_jsonb(OLD) - 'history_artifact') THEN
        RAISE EXCEPTION 'run % has ended as %', OLD.id, OLD.status USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER runs_end_once BEFORE UPDATE ON "runs" FOR EACH ROW EXECUTE FUNCTION runs_end_once();
