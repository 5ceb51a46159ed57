/** The worker thread: does what it is sent, one thing after the other, and says what came of it. */
import { parentPort } from 'node:worker_threads';
import { doWork, readWork } from './work.js';
import type { Answer } from './pool.js';

parentPort?.on('message', (work: unknown) => {
  parentPort?.postMessage(answer(work));
});

function answer(work: unknown): Answer {
  try {
    // As text, which is what the data of a status is, so that the thread of the master has the least to do with it.
    return { ok: true, found: JSON.stringify(doWork(readWork(work))) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
