import type { JsonObject, ReasonerName, ReasonerTurn, ToolCall, TurnMark } from '@watchtower/contracts';
import type { StepEntry } from './pen.ts';

type TextBlock = Extract<ReasonerTurn['blocks'][number], { readonly type: 'text' }>;

/** Which turn a step belongs to, and what that whole turn cost. */
export function turnMark(turn: ReasonerTurn, number: number, reasoner: ReasonerName): TurnMark {
  const { blocks: _, ...rest } = turn;
  return { ...rest, number, reasoner };
}

export const textStep = ({ text, artifact }: TextBlock, mark: TurnMark): StepEntry => ({
  kind: 'reasoning',
  name: mark.reasoner,
  message: text.slice(0, 2000),
  payload: { text, ...(artifact && { artifact }), turn: { ...mark } },
});

/** The texts among blocks, in their order. */
export const textSteps = (blocks: ReasonerTurn['blocks'], mark: TurnMark): StepEntry[] =>
  blocks.flatMap((block) => (block.type === 'text' ? [textStep(block, mark)] : []));

export const callStep = ({ id, name, input, problem }: ToolCall, mark: TurnMark): StepEntry => ({
  kind: 'tool_call',
  name: stepName(name),
  message: `Call ${name}`,
  payload: { call_id: id, tool: name, input, ...(problem && { problem }), turn: { ...mark } },
});

export const resultStep = (call: ToolCall, result: JsonObject, isError: boolean): StepEntry => ({
  kind: 'tool_result',
  name: stepName(call.name),
  message: (isError ? `${call.name}: ${textOf(result)}` : `${call.name} answered.`).slice(0, 2000),
  payload: { call_id: call.id, tool: call.name, is_error: isError, result },
});

const stepName = (tool: string): string => tool.slice(0, 100) || 'unnamed';

function textOf({ message, detail }: JsonObject): string {
  if (typeof message === 'string') return message;
  return typeof detail === 'string' ? detail : 'failed';
}
