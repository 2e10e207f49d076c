export { startChatCompletions } from './chat-completions.ts';
export * from './example-request.ts';
export { startMessagesApi } from './messages-api.ts';
export * from './script.ts';
export type { RecordedRequest, ScriptedProvider, ScriptedProviderOptions } from './scripted-server.ts';
