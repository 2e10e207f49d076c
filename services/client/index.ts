export { type Colours, coloursFor, printable } from './colours.ts';
export { type DefinitionProblem, readDefinitionFile } from './definition-file.ts';
export { evaluationText } from './evaluation-text.ts';
export type { FollowedEvent, FollowOptions } from './follow-run.ts';
export { findGateway, type GatewayAddress } from './gateway-address.ts';
export { GatewayClient, type RunsQuery } from './gateway-client.ts';
export type { ConnectionEvent, ConnectionOptions } from './gateway-connection.ts';
export { statusText, stepText } from './run-text.ts';
export { table } from './table.ts';
