import { describe, expect, test } from '@jest/globals';
import { failureCatalogue, problem, WatchtowerError } from '@watchtower/contracts';
import { problemFor, RequestProblem } from './problems.ts';

describe('a problem', () => {
  test('of the catalogue has its status, title and code', () => {
    const answer = problemFor(new WatchtowerError('UnknownModel', 'No model "x" is defined.'));
    expect(problem.parse(answer)).toEqual({
      type: '/docs#UnknownModel',
      title: failureCatalogue.UnknownModel.title,
      status: 404,
      detail: 'No model "x" is defined.',
      code: 'UnknownModel',
      errors: [],
    });
  });

  test('names the fields that are wrong', () => {
    const errors = [{ path: 'body.model', message: 'too long' }];
    expect(problemFor(new RequestProblem('InvalidRequest', 'no', errors)).errors).toEqual(errors);
  });

  test('tells nothing of an error that is ours', () => {
    const answer = problemFor(new Error('password of the database'));
    expect(answer.status).toBe(500);
    expect(JSON.stringify(answer)).not.toContain('password');
  });

  test('tells an outage from a mistake, however deep it is wrapped', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const wrapped = new Error('query failed', { cause: new Error('adapter', { cause: refused }) });
    expect(problemFor(wrapped).code).toBe('DatabaseUnavailable');
    const conflict = Object.assign(new Error('unique'), { code: 'P2002' });
    expect(problemFor(conflict).code).toBe('Internal');
  });
});
