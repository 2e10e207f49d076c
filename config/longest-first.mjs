import { statSync } from 'node:fs';
import Sequencer from '@jest/test-sequencer';

/** These take a minute and more, most of it waiting: begun last, they would go on alone while cores are idle. */
const longest = [
  'demo',
  'trainers',
  'outages',
  'approval',
  'reasoners',
  'labels',
  'faults',
  'cli',
  'promotion',
  'reasoner-promotions',
  'resets',
  'process-trainer',
];

/** What takes longest first, then by size: the same order on every machine and in every run. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = longest.findIndex((name) => path.endsWith(`/${name}.test.ts`));
      return place < 0 ? longest.length : place;
    };
    const size = ({ path }) => statSync(path).size;
    return [...tests].sort((a, b) => rank(a) - rank(b) || size(b) - size(a));
  }
}
