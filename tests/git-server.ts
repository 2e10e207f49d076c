import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes a repository of FILES with one commit on `main`, and serves it as git's own CGI program answers. */
const program = `
import http.server, json, os, pathlib, ssl, subprocess
home = pathlib.Path("/srv")
(home / "job").mkdir()
for name, content in json.loads(os.environ["FILES"]).items():
    (home / "job" / name).write_text(content)
author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
for act in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "A job"]):
    subprocess.run(["git", *author, *act], check=True, cwd=home / "job")
made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=git"
subprocess.run([*made.split(), "-keyout", "key.pem", "-out", "cert.pem"], check=True, cwd=home, capture_output=True)

class Backend(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self):
        path, _, query = self.path.partition("?")
        told = {
            "GIT_PROJECT_ROOT": str(home), "GIT_HTTP_EXPORT_ALL": "1", "PATH": os.environ["PATH"],
            "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("content-type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": self.headers.get("git-protocol", ""),
        }
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        head, _, content = subprocess.run(
            ["git", "http-backend"], input=body, env=told, stdout=subprocess.PIPE
        ).stdout.partition(b"\\r\\n\\r\\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\\r\\n"))
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for field in fields.items():
            self.send_header(*field)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
    do_GET = do_POST = answer

server = http.server.ThreadingHTTPServer(("", 8443), Backend)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(home / "cert.pem", home / "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print("serving", flush=True)
server.serve_forever()
`;

export interface GitServer {
  /** Its certificate is nobody's: clone with GIT_SSL_NO_VERIFY. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** A git repository behind https, in a container on the engine's bridge. */
export async function startGitServer(
  image: string,
  files: Readonly<Record<string, string>>,
): Promise<GitServer> {
  const docker = async (...args: readonly string[]) => (await run('docker', args)).stdout.trim();
  const variables = ['--env', `FILES=${JSON.stringify(files)}`];
  const id = await docker(
    'run',
    '--detach',
    '--tmpfs',
    '/srv',
    ...variables,
    image,
    'python3',
    '-c',
    program,
  );
  const close = async () => void (await docker('rm', '--force', '--volumes', id));
  const deadline = Date.now() + 30_000;
  while (!(await docker('logs', id)).includes('serving')) {
    if (Date.now() > deadline) {
      await close();
      throw new Error('The git server did not begin.');
    }
    await sleep(100);
  }
  const address = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id);
  return { url: `https://${address}:8443/job`, close };
}
