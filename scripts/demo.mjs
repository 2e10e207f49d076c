// npm run demo [-- --once] [-- --approve]: the flights example, from nothing to a promotion.
import { launch } from './launch.mjs';

await launch('services/stack/demo.ts');
