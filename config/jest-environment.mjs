import { TestEnvironment } from 'jest-environment-node';

const nativeErrors = [
  'Error',
  'EvalError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
];
const ordinaryHasInstance = Function.prototype[Symbol.hasInstance];

/**
 * Jest runs tests in a realm of its own, so errors made by Node itself (fs, net, fetch) are not
 * `instanceof Error` there. Each native error class also accepts instances of its namesake outside.
 */
export default class NodeErrorsEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of nativeErrors) {
      const inside = this.global[name];
      const outside = globalThis[name];
      Object.defineProperty(inside, Symbol.hasInstance, {
        configurable: true,
        value(instance) {
          if (ordinaryHasInstance.call(this, instance)) return true;
          // Subclasses inherit this method; only the native class itself is widened.
          return this === inside && ordinaryHasInstance.call(outside, instance);
        },
      });
    }
  }
}
