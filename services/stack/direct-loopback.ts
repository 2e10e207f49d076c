type Variables = Readonly<Record<string, string | undefined>>;

const loopback = ['127.0.0.1', 'localhost'] as const;

/**
 * The environment with the machine itself left out of any proxy: what clients in Python, Node and gRPC read before
 * they ask a proxy for an address. Without it a corporate HTTP_PROXY is asked for this stack's own services.
 */
export function withDirectLoopback(variables: Variables): Variables {
  const named = `${variables.no_proxy ?? ''},${variables.NO_PROXY ?? ''}`;
  const direct = withLoopback(named);
  const forGrpc = variables.no_grpc_proxy;
  return {
    ...variables,
    NO_PROXY: direct,
    no_proxy: direct,
    // gRPC reads its own list first, and then no other.
    ...(forGrpc === undefined ? {} : { no_grpc_proxy: withLoopback(forGrpc) }),
  };
}

function withLoopback(list: string): string {
  const hosts = list
    .split(',')
    .map((host) => host.trim())
    .filter(Boolean);
  return hosts.includes('*') ? '*' : [...new Set([...hosts, ...loopback])].join(',');
}
