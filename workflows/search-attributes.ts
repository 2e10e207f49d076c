import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import { type RunStatus, searchAttributeNames } from '@watchtower/contracts';

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
const keys = {
  model: keyword(searchAttributeNames.model),
  kind: keyword(searchAttributeNames.kind),
  status: keyword(searchAttributeNames.status),
  trigger: keyword(searchAttributeNames.trigger),
};

/** Lets the Temporal UI list runs by their own status, `waiting_for_approval` among them. */
export const showStatus = (value: RunStatus): void => upsertSearchAttributes([{ key: keys.status, value }]);

/** What a child workflow is found by. */
export const attributesOf = (child: {
  readonly model: string;
  readonly kind: string;
  readonly trigger: string;
}): TypedSearchAttributes =>
  new TypedSearchAttributes([
    { key: keys.model, value: child.model },
    { key: keys.kind, value: child.kind },
    { key: keys.trigger, value: child.trigger },
  ]);
