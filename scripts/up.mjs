// npm run up: the embedded stack alone, until Ctrl-C.
import { launch } from './launch.mjs';

await launch('services/stack/up.ts');
