-- What the reasoner decided (retrainingDecision) and what reasoning cost (reasoningUsage).
ALTER TABLE "runs" ADD COLUMN "decision" JSONB, ADD COLUMN "reasoning" JSONB;
