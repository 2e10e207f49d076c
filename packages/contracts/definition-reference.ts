import { z } from 'zod';
import { definitionInput } from './definition.ts';

/** A part of JSON Schema: what `z.toJSONSchema` writes of a definition. */
interface Schema {
  readonly type?: string | readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly const?: string | number | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly format?: string | undefined;
  readonly pattern?: string | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
  readonly required?: readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly items?: Schema | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
}

const schema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    const: z.union([z.string(), z.number()]).optional(),
    enum: z.array(z.unknown()).optional(),
    format: z.string().optional(),
    pattern: z.string().optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    exclusiveMinimum: z.number().optional(),
    exclusiveMaximum: z.number().optional(),
    required: z.array(z.string()).optional(),
    properties: z.record(z.string(), schema).optional(),
    additionalProperties: z.union([z.boolean(), schema]).optional(),
    items: schema.optional(),
    anyOf: z.array(schema).optional(),
    oneOf: z.array(schema).optional(),
  }),
);

const heading = `# Definition

<!-- Made by \`npm run definition-reference\` from packages/contracts/definition.ts: change it there. -->

Every key of a \`watchtower.yaml\`. A key that is not listed is refused, and so is what contradicts itself: a metric the task
does not have, a \`direction\` in which it gets worse, a fixed split outside a fixed window \`current\`, a schedule that cannot
be. \`<name>\` stands for a name of yours, \`[]\` for each entry of a list. A duration is a whole number with \`ms\`, \`s\`, \`m\`,
\`h\` or \`d\`, such as \`30s\` or \`72h\`; an instant is a date (midnight UTC) or a date with time and offset. A source, a window
and a split are of one form or another; \`needed\` speaks of the form that is written.
[Your own model](../guides/your-own-model.md) goes through an example.

| Key | Type | Default | Meaning |
| --- | --- | --- | --- |
`;

/** The text of docs/reference/definition.md: a row for each key of a definition, in the order of the schema. */
export function definitionReference(): string {
  const root = schema.parse(z.toJSONSchema(definitionInput, { io: 'input', unrepresentable: 'any' }));
  return `${heading}${keysOf(root, '').join('\n')}\n`;
}

/** Of what may be one of several shapes, the keys of each. */
function keysOf(place: Schema, path: string): readonly string[] {
  const required = new Set(place.required);
  const own = Object.entries(place.properties ?? {}).flatMap(([name, inner]) => {
    const key = path === '' ? name : `${path}.${name}`;
    return [row(key, inner, required.has(name)), ...keysOf(inner, key)];
  });
  const named = typeof place.additionalProperties === 'object' ? [place.additionalProperties] : [];
  return [
    ...own,
    ...alternatives(place).flatMap((each) => keysOf(each, path)),
    ...named.flatMap((each) => keysOf(each, `${path}.<name>`)),
    ...(place.items === undefined ? [] : keysOf(place.items, `${path}[]`)),
  ];
}

function row(key: string, place: Schema, required: boolean): string {
  // A section says nothing by itself; its keys have defaults of their own.
  const open = place.default === undefined || isSection(place);
  const value = open ? '' : `\`${JSON.stringify(place.default)}\``;
  const cells = [`\`${key}\``, typeOf(place), required ? 'needed' : value, meaningOf(place)];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const isSection = ({ properties }: Schema): boolean => properties !== undefined;
const alternatives = ({ anyOf = [], oneOf = [] }: Schema): readonly Schema[] => [...anyOf, ...oneOf];

function meaningOf(place: Schema): string {
  const kinds = (place.oneOf ?? []).map(({ description }) => description);
  return [place.description, ...kinds].filter((text) => text !== undefined).join('. ');
}

function typeOf(place: Schema): string {
  if (place.const !== undefined) return `\`${String(place.const)}\``;
  if (place.enum !== undefined) return place.enum.map((value) => `\`${String(value)}\``).join(' | ');
  const several = alternatives(place);
  if (several.some(({ format }) => format === 'date-time')) return 'instant';
  if (several.length > 0) return [...new Set(several.map(typeOf))].join(' or ');
  if (typeof place.type === 'object') return place.type.map(plainName).join(' or ');
  const type = place.type ?? '';
  switch (type) {
    case 'object':
      return typeof place.additionalProperties === 'object' ? 'map' : 'section';
    case 'array':
      return `list of ${typeOf(place.items ?? {})}s`;
    case 'string':
      return place.pattern?.includes('ms|s|m|h|d') ? 'duration' : 'text';
    case 'integer':
      return `whole number${range(place)}`;
    case 'number':
      return `number${range(place)}`;
    default:
      return plainName(type);
  }
}

const plainName = (type: string): string => (type === 'string' ? 'text' : type);

/** ` 0–1`, ` > 0`: nothing where it is that of all safe integers. */
function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const least = minimum === undefined ? undefined : `≥ ${minimum}`;
  const above = exclusiveMinimum === undefined ? undefined : `> ${exclusiveMinimum}`;
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : `≤ ${maximum}`;
  const below = exclusiveMaximum === undefined ? undefined : `< ${exclusiveMaximum}`;
  const bounds = [least, above, most, below].filter((bound) => bound !== undefined);
  return bounds.length === 0 ? '' : ` ${bounds.join(', ')}`;
}
