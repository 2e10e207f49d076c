import { canonicalJson, type StepDraft } from '@watchtower/contracts';
import { storableJson, storableText } from './storable-json.ts';

/** A step as it is hashed and stored. */
export const storableDraft = (draft: StepDraft): StepDraft => ({
  ...draft,
  name: storableText(draft.name.slice(0, 100)),
  // Cut first: a cut may leave half of a surrogate pair.
  message: storableText(draft.message.slice(0, 2000)),
  payload: storableJson(draft.payload),
});

/** Whether what was asked for is what was written. */
export const sameStep = (asked: StepDraft, written: StepDraft): boolean =>
  contentOf(storableDraft(asked)) === contentOf(written);

const contentOf = ({ number, kind, name, message, payload, at }: StepDraft): string =>
  canonicalJson({ number, kind, name, message, payload, at });
