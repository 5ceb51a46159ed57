import { get } from 'node:http';

/** What came back of what was sent. */
export interface Load {
  /** Answers with status 200, by what they said. */
  readonly answers: ReadonlyMap<string, number>;
  readonly lost: number;
  /** Stops sending, and resolves when everything was answered. */
  stop(): Promise<void>;
}

const everyMs = 5;

/** Sends requests one after the other without waiting for the answers. */
export function startLoad(port: number): Load {
  const answers = new Map<string, number>();
  const open = new Set<Promise<void>>();
  const load = { answers, lost: 0, stop };
  const timer = setInterval(() => {
    const asked = ask(port).then(
      (text) => void answers.set(text, (answers.get(text) ?? 0) + 1),
      () => void (load.lost += 1),
    );
    open.add(asked);
    void asked.then(() => open.delete(asked));
  }, everyMs);
  async function stop(): Promise<void> {
    clearInterval(timer);
    await Promise.all(open);
  }
  return load;
}

function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.once('end', () =>
        answer.statusCode === 200 ? resolve(text) : reject(new Error(String(answer.statusCode))),
      );
      answer.once('error', reject);
    }).once('error', reject);
  });
}
