export {
  DefinitionFileError,
  type DefinitionProblem,
  parseDefinition,
  readDefinitionFile,
} from './definition-file.ts';
export { type FollowedEvent, followRun } from './follow-run.ts';
export { GatewayClient, GatewayRefusal } from './gateway-client.ts';
