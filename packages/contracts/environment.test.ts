import { describe, expect, test } from '@jest/globals';
import { EnvironmentError, environment, parseEnvironment, secretVariables } from './environment.ts';

function errorOf(variables: Readonly<Record<string, string>>): string {
  try {
    parseEnvironment(variables);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  throw new Error('The environment was taken for a valid one.');
}

describe('the environment', () => {
  test('has a default for everything but keys', () => {
    expect(parseEnvironment({})).toMatchObject({
      DRIFT_FEATURE_THRESHOLD: 0.2,
      EVAL_MIN_IMPROVEMENT: 0.005,
      AGENT_MAX_TURNS: 20,
      GATEWAY_HOST: '127.0.0.1',
      ALLOWED_ORIGINS: [],
      WORKER_QUEUES: ['main', 'data', 'training'],
    });
    expect(parseEnvironment({}).API_KEY).toBeUndefined();
  });

  test('takes a key without the white space around it, as it is sent, and none with some within', () => {
    expect(parseEnvironment({ ANTHROPIC_API_KEY: ' sk-a1\n', GROQ_API_KEY: 'gsk_b2\r\n' })).toMatchObject({
      ANTHROPIC_API_KEY: 'sk-a1',
      GROQ_API_KEY: 'gsk_b2',
    });
    const told = errorOf({ OPENAI_API_KEY: 'sk-hunter2 \nsk-hunter3' });
    expect(told).toContain('OPENAI_API_KEY was (not shown): printable ASCII characters without spaces');
    expect(told).not.toContain('hunter');
  });

  test('counts an empty value as unset, as in a .env file', () => {
    expect(parseEnvironment({ GATEWAY_PORT: '', API_KEY: '', UNRELATED: 'x' })).toEqual(parseEnvironment({}));
  });

  test('splits lists', () => {
    const { ALLOWED_ORIGINS, WORKER_QUEUES } = parseEnvironment({
      ALLOWED_ORIGINS: 'https://a.test, http://localhost:3000,',
      WORKER_QUEUES: 'data',
    });
    expect(ALLOWED_ORIGINS).toEqual(['https://a.test', 'http://localhost:3000']);
    expect(WORKER_QUEUES).toEqual(['data']);
  });

  test('names every wrong variable, what it was and what is allowed', () => {
    const message = errorOf({
      AGENT_MAX_TURNS: 'many',
      TEMPORAL_ADDRESS: 'localhost',
      DRIFT_FEATURE_THRESHOLD: '1.5',
      WORKER_QUEUES: 'main,other',
      LOG_LEVEL: 'loud',
    });
    expect(message).toMatch(/AGENT_MAX_TURNS was "many": /);
    expect(message).toMatch(/TEMPORAL_ADDRESS was "localhost": host:port/);
    expect(message).toMatch(/DRIFT_FEATURE_THRESHOLD was "1\.5": .*1/);
    expect(message).toMatch(/WORKER_QUEUES was "main,other": .*"main"\|"data"\|"training"/);
    expect(message).toMatch(/LOG_LEVEL was "loud": .*"warn"/);
    expect(message).not.toContain('GATEWAY_PORT');
  });

  test.each([
    ['MLFLOW_TRACKING_URI', 'http://reader:hunter2@mlflow:5000'],
    ['MLFLOW_UI_URL', 'https://hunter2@mlflow.test/'],
    ['TEMPORAL_UI_URL', 'ftp://reader:hunter2@temporal:8233'],
    ['TEMPORAL_ADDRESS', 'reader:hunter2@temporal:7233'],
    ['ALLOWED_ORIGINS', 'https://a.test,https://reader:hunter2@b.test'],
  ])('refuses credentials in %s, and does not repeat them', (name, value) => {
    const message = errorOf({ [name]: value });
    expect(message).toContain(`${name} was (not shown): `);
    expect(message).not.toContain('hunter2');
  });

  test.each([...secretVariables].filter((name) => name in environment.shape))(
    'does not repeat the value of %s',
    (name) => {
      const wrong: Readonly<Record<string, string>> = {
        DATABASE_URL: 'mysql://u:hunter2@h/d',
        API_KEY: 'hunter2',
      };
      const value = wrong[name];
      if (value === undefined) return;
      const message = errorOf({ [name]: value });
      expect(message).toContain(`${name} was (not shown)`);
      expect(message).not.toContain('hunter2');
    },
  );
});
