import { Worker } from 'node:worker_threads';
import type { Work } from './work.js';

/** What a worker thread says of a piece of work. */
export type Answer = { readonly ok: true; readonly found: string } | { readonly ok: false; readonly message: string };

/** Threads that do work, each one thing at a time. */
export interface WorkerPool {
  /**
   * Waits for a free thread and has the work done there; gives what was found, as JSON. Rejects when the work throws,
   * when its thread dies, and when the signal is aborted; then the thread is ended, because nothing else stops a loop.
   */
  run(work: Work, signal: AbortSignal): Promise<string>;
  /** Ends all threads; what they were at is rejected. */
  close(): Promise<void>;
}

interface Job {
  readonly work: Work;
  readonly signal: AbortSignal;
  readonly resolve: (found: string) => void;
  readonly reject: (error: Error) => void;
}

/** A pool of up to `size` threads that run `script`. They are started when there is work for them. */
export function workerPool(script: URL, size: number): WorkerPool {
  return new Pool(script, size);
}

class Pool implements WorkerPool {
  readonly #script: URL;
  readonly #size: number;
  readonly #waiting: Job[] = [];
  readonly #idle: Worker[] = [];
  /** Every thread that lives, and what it is at. */
  readonly #threads = new Map<Worker, Job | undefined>();
  #closed = false;

  constructor(script: URL, size: number) {
    this.#script = script;
    this.#size = size;
  }

  run(work: Work, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const abort = (): void => this.#abort(job);
      const settled = (): void => signal.removeEventListener('abort', abort);
      const job: Job = {
        work,
        signal,
        resolve: (found) => (settled(), resolve(found)),
        reject: (error) => (settled(), reject(error)),
      };
      if (this.#closed || signal.aborted) return job.reject(new Error('the work was called off'));
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.push(job);
      this.#assign();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#waiting.splice(0)) job.reject(new Error('the work was called off'));
    await Promise.all([...this.#threads.keys()].map((thread) => thread.terminate()));
  }

  /** Gives waiting work to free threads. */
  #assign(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      const thread = this.#idle.pop() ?? this.#start();
      const job = thread && this.#waiting.shift();
      if (thread === undefined || job === undefined) return;
      this.#threads.set(thread, job);
      thread.postMessage(job.work);
    }
  }

  #start(): Worker | undefined {
    if (this.#threads.size >= this.#size) return undefined;
    const thread = new Worker(this.#script);
    this.#threads.set(thread, undefined);
    let died = 'the worker thread ended';
    thread.on('message', (answer: Answer) => this.#answered(thread, answer));
    thread.on('error', (error) => (died = `the worker thread died: ${error.message}`));
    // An error is always followed by the exit.
    thread.on('exit', () => this.#ended(thread, died));
    return thread;
  }

  #answered(thread: Worker, answer: Answer): void {
    const job = this.#threads.get(thread);
    this.#threads.set(thread, undefined);
    this.#idle.push(thread);
    if (answer.ok) job?.resolve(answer.found);
    else job?.reject(new Error(answer.message));
    this.#assign();
  }

  /** A thread that died is replaced when there is work for another. */
  #ended(thread: Worker, why: string): void {
    const job = this.#threads.get(thread);
    this.#threads.delete(thread);
    const idle = this.#idle.indexOf(thread);
    if (idle !== -1) this.#idle.splice(idle, 1);
    job?.reject(new Error(why));
    this.#assign();
  }

  #abort(job: Job): void {
    const waiting = this.#waiting.indexOf(job);
    if (waiting !== -1) {
      this.#waiting.splice(waiting, 1);
      return job.reject(new Error('the work was called off'));
    }
    for (const [thread, at] of this.#threads) if (at === job) void thread.terminate();
  }
}
