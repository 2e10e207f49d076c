import {
  appliedModel,
  applyRequest,
  WatchtowerError,
  watchedModel,
  watchedModels,
} from '@watchtower/contracts';
import type { ModelDefinitionModel, ModelModel } from '@watchtower/database';
import { applyDefinition } from '../apply-definition.ts';
import { endpoint, noBody, nothing } from '../endpoint.ts';
import { modelParams } from './parameters.ts';

const applyModel = endpoint({
  method: 'post',
  path: '/models',
  atRoot: false,
  scope: 'admin',
  tag: 'Models',
  summary: 'Define a watched model, or change its definition',
  description: 'The content of a `watchtower.yaml`, as JSON. The same definition again makes no new version.',
  params: nothing,
  unknown: 'NotFound',
  query: nothing,
  body: applyRequest,
  answers: {
    200: { description: 'This is the current definition already.', schema: appliedModel },
    201: { description: 'A new version was stored.', schema: appliedModel },
  },
  failures: ['InvalidDefinition'],
  async answer(context, { body, caller }) {
    const applied = await applyDefinition(context, body.definition, caller);
    return { status: applied.changed ? 201 : 200, body: applied };
  },
});

const listModels = endpoint({
  method: 'get',
  path: '/models',
  atRoot: false,
  scope: 'read',
  tag: 'Models',
  summary: 'The watched models',
  params: nothing,
  unknown: 'NotFound',
  query: nothing,
  body: noBody,
  answers: { 200: { description: 'All of them, by name.', schema: watchedModels } },
  failures: [],
  async answer({ database }) {
    const rows = await database.model.findMany({ orderBy: { name: 'asc' } });
    const definitions = await database.modelDefinition.findMany({
      where: { OR: rows.map(({ name, current_version }) => ({ model: name, version: current_version })) },
    });
    const byModel = new Map(definitions.map((definition) => [definition.model, definition]));
    const models = rows.flatMap((row) => {
      const definition = byModel.get(row.name);
      return definition === undefined ? [] : [modelView(row, definition)];
    });
    return { status: 200, body: watchedModels.parse({ models }) };
  },
});

const showModel = endpoint({
  method: 'get',
  path: '/models/{name}',
  atRoot: false,
  scope: 'read',
  tag: 'Models',
  summary: 'A watched model with its current definition',
  params: modelParams,
  unknown: 'UnknownModel',
  query: nothing,
  body: noBody,
  answers: { 200: { description: 'The model.', schema: watchedModel } },
  failures: ['UnknownModel'],
  async answer({ database }, { params: { name } }) {
    const row = await database.model.findUnique({ where: { name } });
    if (row === null) {
      throw new WatchtowerError(
        'UnknownModel',
        `No model "${name}" is defined. GET /api/v1/models lists them.`,
      );
    }
    const definition = await database.modelDefinition.findUniqueOrThrow({
      where: { model_version: { model: name, version: row.current_version } },
    });
    return { status: 200, body: watchedModel.parse(modelView(row, definition)) };
  },
});

function modelView(row: ModelModel, current: ModelDefinitionModel) {
  return {
    name: row.name,
    version: current.version,
    digest: current.digest,
    created_at: current.created_at.toISOString(),
    schedule_synchronised: row.schedule_version === current.version,
    definition: current.definition,
  };
}

export const modelEndpoints = [applyModel, listModels, showModel];
