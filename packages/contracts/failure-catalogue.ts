/**
 * Every failure that may reach a person, in one catalogue: whether trying again can help, and the HTTP status where it
 * reaches a client. `docs/reference/failures.md` lists the same codes; a test compares them.
 */
export const failureCatalogue = {
  // Requests
  InvalidRequest: { status: 400, retryable: false, title: 'The request is not of the expected form' },
  Unauthorized: { status: 401, retryable: false, title: 'A valid API key is needed' },
  Forbidden: { status: 403, retryable: false, title: 'The API key lacks the scope' },
  NotFound: { status: 404, retryable: false, title: 'There is no such resource' },
  MethodNotAllowed: { status: 405, retryable: false, title: 'The resource has no such method' },
  RequestTooLarge: { status: 413, retryable: false, title: 'The request body is too large' },
  UnsupportedMediaType: { status: 415, retryable: false, title: 'The request body is not JSON' },
  UnknownModel: { status: 404, retryable: false, title: 'No model of this name is defined' },
  UnknownWindow: { status: 422, retryable: false, title: 'The model has no window of this name' },
  RunNotFound: { status: 404, retryable: false, title: 'There is no run with this id' },
  ReportNotFound: { status: 404, retryable: false, title: 'There is no such report' },
  InvalidDefinition: { status: 422, retryable: false, title: 'The model definition is not valid' },
  IdempotencyConflict: {
    status: 422,
    retryable: false,
    title: 'This Idempotency-Key was used for another request',
  },
  ApprovalNotAwaited: { status: 409, retryable: false, title: 'The run waits for no decision' },
  EvidenceStale: {
    status: 412,
    retryable: false,
    title: 'The decision quotes other evidence than the run shows',
  },
  ApproverUnverified: { status: 403, retryable: false, title: 'This model asks for authenticated approvers' },
  RunFinished: { status: 409, retryable: false, title: 'The run has already ended' },
  // Dependencies
  DatabaseUnavailable: { status: 503, retryable: true, title: 'Postgres does not answer' },
  TemporalUnavailable: { status: 503, retryable: true, title: 'Temporal does not answer' },
  MlflowUnavailable: { status: 503, retryable: true, title: 'MLflow does not answer' },
  MlflowRejected: { status: 502, retryable: false, title: 'MLflow refused the request' },
  ArtifactStoreUnavailable: {
    status: 503,
    retryable: true,
    title: 'The artifact store cannot be read or written',
  },
  ArtifactMissing: { status: 500, retryable: false, title: 'An artifact is not in the store' },
  // Data
  DataFileMissing: { status: 422, retryable: false, title: 'No file matches the data source' },
  DataFileUnreadable: { status: 422, retryable: false, title: 'A data file cannot be read' },
  DataEmpty: { status: 422, retryable: false, title: 'A window holds no rows' },
  NoCommonColumns: { status: 422, retryable: false, title: 'Reference and current have no column in common' },
  ColumnMissing: { status: 422, retryable: false, title: 'A named column is not in the data' },
  ClassUnknown: { status: 422, retryable: false, title: 'A named class is not among those of the target' },
  ProfileInvalid: { status: 422, retryable: false, title: 'A reference profile cannot be used' },
  TargetMissing: { status: 422, retryable: false, title: 'The target column is not in the data' },
  // Training
  TrainerUnsupported: { status: 422, retryable: false, title: 'This trainer is not available here' },
  TrainerNotStarted: { status: 500, retryable: true, title: 'The training could not be started' },
  TrainerUnavailable: { status: 503, retryable: true, title: 'What runs the training does not answer' },
  TrainerRejected: { status: 502, retryable: false, title: 'What runs the training refused the request' },
  DagUnknown: { status: 422, retryable: false, title: 'Airflow has no DAG of this name' },
  DagPaused: { status: 422, retryable: false, title: 'The DAG would not start: it is paused or broken' },
  TrainingSetupFailed: {
    status: 500,
    retryable: false,
    title: "The training's code or packages could not be prepared",
  },
  TrainingOutOfMemory: {
    status: 500,
    retryable: false,
    title: 'The training needed more memory than allowed',
  },
  TrainingFailed: { status: 500, retryable: false, title: 'The training failed' },
  TrainingStuck: { status: 500, retryable: false, title: 'The training made no progress and was stopped' },
  TrainingTimedOut: {
    status: 500,
    retryable: false,
    title: 'The training ran longer than allowed and was stopped',
  },
  TrainingCancelled: { status: 409, retryable: false, title: 'The training was cancelled' },
  TrainingLoggedNothing: {
    status: 500,
    retryable: false,
    title: 'The training ended without a model in its MLflow run',
  },
  // Evaluation and promotion
  ChampionMissing: { status: 422, retryable: false, title: 'The model has no champion' },
  EnvironmentFailed: {
    status: 500,
    retryable: false,
    title: 'The environment of a model could not be built',
  },
  ScoringFailed: { status: 500, retryable: false, title: 'A model could not score the held-out rows' },
  EvaluationFailed: { status: 500, retryable: false, title: 'The models could not be compared' },
  ModelFilesMissing: { status: 422, retryable: false, title: 'The files of a model version are not there' },
  LeaseHeld: { status: 409, retryable: false, title: 'Another run holds the lease of the model' },
  PromotionSuperseded: { status: 409, retryable: false, title: 'The champion was moved by somebody else' },
  // The reasoner
  ReasonerUnavailable: { status: 503, retryable: true, title: 'The language model does not answer' },
  ReasonerRejected: { status: 502, retryable: false, title: 'The language model refused the request' },
  ReasonerNotConfigured: {
    status: 500,
    retryable: false,
    title: 'The reasoner cannot be used on this worker',
  },
  ReasonerTokensSpent: { status: 500, retryable: false, title: 'The token budget of the run is spent' },
  ReasonerCostSpent: { status: 500, retryable: false, title: 'The cost budget of the run is spent' },
  // The gateway as a client sees it
  GatewayUnavailable: { status: 503, retryable: true, title: 'The gateway does not answer' },
  GatewayNotUnderstood: {
    status: 502,
    retryable: false,
    title: 'The answer is not one of a gateway of this version',
  },
  // The run itself
  StepConflict: {
    status: 500,
    retryable: false,
    title: 'A step of this number was written by somebody else',
  },
  WorkflowTerminated: { status: 500, retryable: false, title: 'The workflow was terminated from outside' },
  WorkflowTimedOut: { status: 500, retryable: false, title: 'The workflow ran out of time' },
  WorkflowFailed: { status: 500, retryable: false, title: 'The workflow failed' },
  WorkflowLost: { status: 500, retryable: false, title: 'Temporal no longer knows the workflow' },
  Internal: { status: 500, retryable: true, title: 'Something unforeseen went wrong' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type FailureCode = keyof typeof failureCatalogue;
