/** Of stages.mjs, for the tests, which are TypeScript. */
export interface Stages {
  readonly close: () => void;
  readonly skip: (name: string, why: string) => void;
  readonly run: (stage: {
    readonly name: string;
    readonly key: string;
    readonly isPresent: () => boolean;
    readonly work: () => Promise<void>;
  }) => Promise<void>;
  readonly always: (stage: { readonly name: string; readonly work: () => Promise<void> }) => Promise<void>;
}

export function createStages(
  home: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<Stages>;
