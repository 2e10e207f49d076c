import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import { type RunStatus, searchAttributeNames } from '@watchtower/contracts';

const status = defineSearchAttributeKey(searchAttributeNames.status, SearchAttributeType.KEYWORD);

/** Lets the Temporal UI list runs by their own status, `waiting_for_approval` among them. */
export const showStatus = (value: RunStatus): void => upsertSearchAttributes([{ key: status, value }]);
