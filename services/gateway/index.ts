export { apiPrefix, createApp } from './app.ts';
export { closeContext, createContext, type GatewayContext } from './context.ts';
export { serveGateway } from './serve.ts';
