-- When a training was stopped: written before anything of it is, so that whoever is about to begin an attempt sees it.
ALTER TABLE "trainings" ADD COLUMN "stopped_at" TIMESTAMPTZ(3);
