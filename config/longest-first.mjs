import { statSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** These wait for most of their time: begun last, they would go on alone while cores are idle. */
const longest = ['demo.test.ts', 'trainers.test.ts', 'outages.test.ts', 'process-trainer.test.ts'];

/** What takes longest first, then by size: the same order on every machine and in every run. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = longest.findIndex((name) => path.endsWith(`/${name}`));
      return place < 0 ? longest.length : place;
    };
    const size = ({ path }) => statSync(path).size;
    return [...tests].sort((a, b) => rank(a) - rank(b) || size(b) - size(a));
  }
}
