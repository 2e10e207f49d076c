# syntax=docker/dockerfile:1
# MLflow with the driver of its PostgreSQL backend.
FROM python:3.12-slim-bookworm
RUN pip install --no-cache-dir mlflow==3.17.0 psycopg2-binary==2.9.11 \
 && useradd --create-home --uid 10001 mlflow \
 && mkdir -p /var/lib/mlflow && chown mlflow /var/lib/mlflow
USER mlflow
ENV MLFLOW_DISABLE_TELEMETRY=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
EXPOSE 5000
