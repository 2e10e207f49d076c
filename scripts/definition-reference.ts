import { writeFileSync } from 'node:fs';
import { definitionReference } from '../packages/contracts/definition-reference.ts';

/** Writes the reference page of definitions; a test compares it with the schema. */
writeFileSync(new URL('../docs/reference/definition.md', import.meta.url), definitionReference());
