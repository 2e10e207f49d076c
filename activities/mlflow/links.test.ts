import { expect, test } from '@jest/globals';
import { mlflowRunPage } from './links.ts';

const MLFLOW_TRACKING_URI = 'http://mlflow:5000/team/';

test('people are sent where browsers reach MLflow, which need not be where we do', () => {
  const MLFLOW_UI_URL = 'https://mlflow.example.org/';
  expect(mlflowRunPage({ MLFLOW_UI_URL, MLFLOW_TRACKING_URI }, 'abc')).toBe(
    'https://mlflow.example.org/#/runs/abc',
  );
  expect(mlflowRunPage({ MLFLOW_UI_URL: undefined, MLFLOW_TRACKING_URI }, 'abc')).toBe(
    'http://mlflow:5000/team/#/runs/abc',
  );
});
