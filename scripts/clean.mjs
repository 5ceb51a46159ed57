import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The builds of tsup.config.ts run side by side into one folder, so none of them may empty it.
for (const folder of ['dist', 'dist-examples']) {
  rmSync(fileURLToPath(new URL(`../${folder}`, import.meta.url)), { recursive: true, force: true });
}
