import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { searchAttributeNames } from '@watchtower/contracts';

/** Typed keys under which runs are found in the Temporal UI. */
export const searchAttributes = {
  model: defineSearchAttributeKey(searchAttributeNames.model, SearchAttributeType.KEYWORD),
  kind: defineSearchAttributeKey(searchAttributeNames.kind, SearchAttributeType.KEYWORD),
  status: defineSearchAttributeKey(searchAttributeNames.status, SearchAttributeType.KEYWORD),
  trigger: defineSearchAttributeKey(searchAttributeNames.trigger, SearchAttributeType.KEYWORD),
};
