import { z } from 'zod';

type Schema = Readonly<Record<string, unknown>>;

const schema = z.record(z.string(), z.unknown());
const schemas = z.array(schema);

/** The names of fields a file of this form may have at this place, for hints about misspelled ones. */
export function fieldNamesAt(form: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let places: readonly Schema[] = [
    schema.parse(z.toJSONSchema(form, { io: 'input', unrepresentable: 'any' })),
  ];
  for (const part of path) places = places.flatMap(alternatives).flatMap((place) => inner(place, part));
  const names = places.flatMap(alternatives).flatMap((place) => Object.keys(propertiesOf(place)));
  return [...new Set(names)];
}

function alternatives(place: Schema): readonly Schema[] {
  const nested = [place.anyOf, place.oneOf, place.allOf].flatMap((list) => schemas.catch([]).parse(list));
  return [place, ...nested.flatMap(alternatives)];
}

function inner(place: Schema, part: PropertyKey): readonly Schema[] {
  const found = typeof part === 'number' ? place.items : propertiesOf(place)[String(part)];
  return [found ?? place.additionalProperties].flatMap((each) => {
    const parsed = schema.safeParse(each);
    return parsed.success ? [parsed.data] : [];
  });
}

const propertiesOf = (place: Schema): Schema => schema.catch({}).parse(place.properties);
