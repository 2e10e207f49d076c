import { endpoints } from '@watchtower/client/endpoints';
import { z } from 'zod';

/** Names the file in which global set-up tells test files where the servers are. */
export const sharedStackVariable = 'WATCHTOWER_TEST_STACK';

export const sharedStack = z.object({ home: z.string(), endpoints, python: z.string() });
export type SharedStack = z.infer<typeof sharedStack>;

/** One for each test file that asks; made when Temporal starts, since a namespace made later is known after seconds. */
export const namespaces: readonly string[] = Array.from({ length: 40 }, (_, index) => `test-${index + 1}`);
