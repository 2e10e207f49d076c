type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Who reasons in a stack that the demo starts: the policy, unless `LLM_PROVIDER` says otherwise. A key that happens to be
 * in the shell is no wish to send evidence to its provider.
 */
export const withDemoReasoner = (variables: Variables): Variables & { readonly LLM_PROVIDER: string } => ({
  ...variables,
  LLM_PROVIDER: variables.LLM_PROVIDER || 'policy',
});

export function reasonerLine({ LLM_PROVIDER }: { readonly LLM_PROVIDER: string }): string {
  return LLM_PROVIDER === 'policy'
    ? '· the built-in policy reasons: nothing is sent to a language model (LLM_PROVIDER names one)'
    : `· ${LLM_PROVIDER} reasons, as LLM_PROVIDER says: the evidence is sent there`;
}
