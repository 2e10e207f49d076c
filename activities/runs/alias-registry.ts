/** The little of MLflow's registry that repairing needs. */
export interface AliasRegistry {
  aliasVersion(registeredModel: string, alias: string): Promise<string | null>;
  setAlias(registeredModel: string, alias: string, version: string): Promise<void>;
}
