// npm run demo [-- --once] [-- --approve]: the flights example, from nothing to a promotion.
import { launch } from './launch.mjs';

await launch('demo', {
  usage: `npm run demo [-- --once] [-- --approve]

Sets everything up, starts the embedded stack and runs the flights example to promotion.
  --once      end when the run has ended, instead of staying up until Ctrl-C
  --approve   approve the promotion, instead of waiting for a person`,
  options: { once: { type: 'boolean' }, approve: { type: 'boolean' } },
});
