// Run with NODE_OPTIONS=--experimental-vm-modules; the scripts test:unit and test:stack set it.
const shared = {
  testEnvironment: '<rootDir>/config/jest-environment.mjs',
  // Workspace packages resolve to their sources, as in development.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript' },
          target: 'es2022',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.watchtower/'],
};

const servers = {
  globalSetup: '<rootDir>/tests/global-setup.mjs',
  globalTeardown: '<rootDir>/tests/global-teardown.ts',
};

export default {
  // One more than cores: tests on servers wait for a good part of their time.
  maxWorkers: 3,
  testSequencer: '<rootDir>/config/longest-first.mjs',
  workerIdleMemoryLimit: '1GB',
  coverageProvider: 'v8',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{packages,workflows,activities,prisma,services,scripts}/**/*.test.ts'],
    },
    { ...shared, ...servers, displayName: 'stack', testMatch: ['<rootDir>/tests/*.test.ts'] },
    // Whole examples and many kills: what `npm test` has no time for.
    { ...shared, ...servers, displayName: 'long', testMatch: ['<rootDir>/tests/long/*.test.ts'] },
  ],
};
