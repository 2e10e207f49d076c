import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { problemOf } from '@watchtower/contracts';
import { commandContext } from './command-context.ts';
import { runCommand } from './program.ts';

/** What people and programs do wrong, and what the command says to that: what was wrong, where, and what to do. */

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'program-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  const open = server;
  server = undefined;
  if (open === undefined) return;
  open.closeAllConnections();
  await new Promise((resolve) => open.close(resolve));
});

async function watchtower(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({
    write: (text: string): void => {
      written[name] += text;
    },
  });
  const context = commandContext({
    // Where no stack is up.
    variables: { WATCHTOWER_HOME: folder, ...variables },
    folder,
    streams: { stdout: stream('stdout'), stderr: stream('stderr') },
  });
  return { code: await runCommand(context, args), ...written };
}

/** Something that answers every request so. @returns the variables that lead there */
async function serve(listener: RequestListener): Promise<Readonly<Record<string, string>>> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { WATCHTOWER_URL: `http://127.0.0.1:${port}`, WATCHTOWER_API_KEY: 'hunter2' };
}

describe('wrong usage ends with 2, on the error stream', () => {
  test.each([
    [['aply'], /unknown command 'aply'\n\(Did you mean apply\?\)/],
    [['run', '--windw', 'x'], /unknown option '--windw'\n\(Did you mean --window\?\)/],
    [['run', 'one', 'two'], /too many arguments for 'run'/],
    [['status'], /missing required argument 'run'/],
    [['approve', '1234'], /required option '--reason <text>' not specified/],
    [['apply'], /required option '-f, --file <file>' not specified/],
  ])('%j', async (args, message) => {
    expect(await watchtower(args)).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  test('a missing command shows all of them', async () => {
    expect(await watchtower([])).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(/^Usage: /) });
  });
});

test('help that was asked for is a result', async () => {
  expect(await watchtower(['--help'])).toMatchObject({ code: 0, stderr: '' });
});

describe('wrong input ends with 2', () => {
  test.each([
    [
      ['apply', '-f', 'nowhere.yaml'],
      /There is no definition file \/.*nowhere\.yaml; correct the path\. \(Inv/,
    ],
    [['apply', '-f', '.'], /is a folder; name the definition file in it\. \(InvalidDefinition\)/],
    [['apply', '-f', 'wrong.yaml'], /wrong\.yaml:2:1 modle: there is no such field; did you mean "model"\?/],
    [
      ['drift', '--reference', 'a.csv', '--current', 'b.csv'],
      /No file matches .*a\.csv .*\(DataFileMissing\)/,
    ],
  ])('%j', async (args, message) => {
    writeFileSync(join(folder, 'wrong.yaml'), 'version: 1\nmodle: x\n');
    expect(await watchtower(args)).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  test("what is not a run's id", async () => {
    const told = await watchtower(['status', 'latest'], await serve((_, response) => response.end()));
    expect(told).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^"latest" is not a run's id; .* "watchtower runs" lists them\./),
    });
  });
});

describe('a gateway that cannot be asked ends with 3', () => {
  test('where no stack is up', async () => {
    const { code, stderr } = await watchtower(['models']);
    expect(code).toBe(3);
    expect(stderr).toBe(
      `No stack is up here (there is no ${join(folder, 'endpoints.json')}): start one with "watchtower up", ` +
        'or set WATCHTOWER_URL and WATCHTOWER_API_KEY to reach another. (GatewayUnavailable)\n',
    );
  });

  test('where the stack has gone without a word', async () => {
    const { WATCHTOWER_URL = '' } = await serve((_, response) => response.end());
    await new Promise((resolve) => server?.close(resolve));
    const file = join(folder, 'endpoints.json');
    writeFileSync(file, JSON.stringify({ gateway: WATCHTOWER_URL, api_key: 'hunter2' }));
    const { code, stderr } = await watchtower(['runs']);
    expect(code).toBe(3);
    expect(stderr).toContain('does not answer (nobody listens there). Its address is from ');
    expect(stderr).toContain(file);
  });

  test('where it does not know the key', async () => {
    const body = JSON.stringify(problemOf('Unauthorized', 'The API key is not known.'));
    const gateway = await serve((_, response) => response.writeHead(401).end(body));
    const { code, stderr } = await watchtower(['runs'], gateway);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /does not know the key of WATCHTOWER_API_KEY.*endpoints\.json.*\(Unauthorized\)$/m,
    );
    expect(stderr).not.toContain('hunter2');
  });

  test('where the address is that of something else', async () => {
    const { code, stderr } = await watchtower(
      ['runs'],
      await serve((_, response) => response.end('<!doctype html>')),
    );
    expect(code).toBe(3);
    expect(stderr).toMatch(/without JSON\. Is this address a Watchtower gateway\? \(GatewayNotUnderstood\)/);
  });
});

describe('with --json an error is one document on the error stream', () => {
  const errorOf = async (args: readonly string[], variables: Readonly<Record<string, string>> = {}) => {
    const { code, stdout, stderr } = await watchtower([...args, '--json'], variables);
    expect(stdout).toBe('');
    const { error }: { error?: unknown } = JSON.parse(stderr);
    expect(error).toMatchObject({ exit_code: code, message: expect.any(String) });
    return error;
  };

  test.each([[['status']], [['statsu', '1234']], [['audit']]])('wrong usage: %j', async (args) => {
    expect(await errorOf(args)).toMatchObject({ code: 'InvalidRequest', exit_code: 2 });
  });

  test('a definition: each mistake with its place', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'version: 1\nmodle: x\n');
    expect(await errorOf(['apply', '-f', 'wrong.yaml'])).toMatchObject({
      code: 'InvalidDefinition',
      details: {
        file: expect.stringContaining('wrong.yaml'),
        problems: expect.arrayContaining([
          { line: 2, column: 1, field: 'modle', message: expect.stringContaining('did you mean "model"') },
        ]),
      },
    });
  });

  test('a refusal: the code and the fields of the gateway', async () => {
    const errors = [{ path: 'query.page_size', message: 'too big' }];
    const body = JSON.stringify(problemOf('InvalidRequest', 'query.page_size: too big.', errors));
    const gateway = await serve((_, response) => response.writeHead(400).end(body));
    expect(await errorOf(['runs', '--page-size', '1000'], gateway)).toEqual({
      code: 'InvalidRequest',
      message: 'query.page_size: too big.',
      exit_code: 2,
      details: { errors },
    });
  });

  test('a stack that is not up', async () => {
    expect(await errorOf(['models'])).toMatchObject({ code: 'GatewayUnavailable', exit_code: 3 });
  });
});

test('a command whose reader has read enough ends as others do, and says nothing of it', async () => {
  const program = fileURLToPath(new URL('./bin/watchtower.mjs', import.meta.url));
  const { NODE_OPTIONS: _ofJest, ...variables } = process.env;
  const child = spawn(process.execPath, [program, '--help'], {
    env: { ...variables, WATCHTOWER_FROM_SOURCE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
}, 30_000);
