import { resolve } from 'node:path';
import ours from '../../../jest.config.mjs';

/** One project with one file of tests, run by run-projects.test.ts. */
const { testMatch: _ofUnitTests, ...unit } = ours.projects[0];
export default {
  projects: [
    {
      ...unit,
      rootDir: resolve(import.meta.dirname, '../../..'),
      displayName: 'stand-in',
      testMatch: ['<rootDir>/scripts/testing/stand-in/needs-docker.ts'],
    },
  ],
};
