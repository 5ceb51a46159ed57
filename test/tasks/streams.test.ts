import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acknowledge,
  emptyStream,
  enqueue,
  inFlight,
  isTerminal,
  latestStateReport,
  nextResend,
  pause,
  resend,
  resume,
  statusReport,
  type StreamStep,
  type StreamUpdate,
  type TaskState,
  type UpdateStream,
} from '../../src/tasks/index.js';

const open = true;

function update(uuid: string, state: TaskState = 'running'): StreamUpdate {
  return { uuid, state, source: 'executor', timestamp: 0 };
}

function enqueued(...updates: readonly StreamUpdate[]): UpdateStream {
  return updates.reduce((stream, it) => enqueue(stream, it, { at: 0, open }).stream, emptyStream);
}

describe('an update stream', () => {
  it('sends the first update at once and holds back the next until it is acknowledged (UPD-2)', () => {
    const first = enqueue(emptyStream, update('u1'), { at: 5, open });
    expect(first.send?.uuid).toBe('u1');
    const second = enqueue(first.stream, update('u2', 'finished'), { at: 6, open });
    expect(second.send).toBeUndefined();
    expect(inFlight(second.stream)?.uuid).toBe('u1');
    const acked = acknowledge(second.stream, 'u1', { at: 7, open });
    expect(acked).toMatchObject({ result: 'accepted', send: { uuid: 'u2' } });
    expect(nextResend(acked.stream)).toBe(10_007);
  });

  it('sends again after 10 s, then after twice as long each time, up to 10 min (UPD-3)', () => {
    let { stream } = enqueue(emptyStream, update('u1'), { at: 0, open });
    const times: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const at = nextResend(stream) ?? NaN;
      const step = resend(stream, at);
      expect(step.send?.uuid).toBe('u1');
      times.push(at / 1000);
      stream = step.stream;
    }
    expect(times).toEqual([10, 30, 70, 150, 310, 630, 1230, 1830, 2430, 3030]);
  });

  it('begins at 10 s again with a new update in front (UPD-3)', () => {
    let stream = enqueued(update('u1'), update('u2'));
    for (let i = 0; i < 3; i += 1) stream = resend(stream, nextResend(stream) ?? NaN).stream;
    expect(nextResend(acknowledge(stream, 'u1', { at: 100_000, open }).stream)).toBe(110_000);
  });

  it('does not send before it is due', () => {
    const { stream } = enqueue(emptyStream, update('u1'), { at: 0, open });
    expect(resend(stream, 9_999)).toEqual({ stream });
    expect(resend(emptyStream, 1e9)).toEqual({ stream: emptyStream });
  });

  it('sends once after a long sleep, not once for every time it missed', () => {
    const { stream } = enqueue(emptyStream, update('u1'), { at: 0, open });
    const step = resend(stream, 3_600_000);
    expect(step.send?.uuid).toBe('u1');
    expect(nextResend(step.stream)).toBe(3_620_000);
  });

  it('a late tick does not shift what comes after it', () => {
    const { stream } = enqueue(emptyStream, update('u1'), { at: 0, open });
    expect(nextResend(resend(stream, 11_000).stream)).toBe(30_000);
  });

  it.each([
    ['the uuid of a later one', 'u2'],
    ['one that nobody knows', 'nope'],
    ['one that was acknowledged already', 'u0'],
  ])('ignores an acknowledgement that names %s (UPD-4)', (_, uuid) => {
    const stream = acknowledge(enqueued(update('u0'), update('u1'), update('u2')), 'u0', { at: 0, open }).stream;
    expect(acknowledge(stream, uuid, { at: 1, open })).toEqual({ result: 'unexpected', stream });
  });

  it('ignores an acknowledgement when nothing is in flight', () => {
    expect(acknowledge(emptyStream, 'u1', { at: 0, open }).result).toBe('unexpected');
  });

  it('closes with the acknowledgement of a terminal update and drops what was queued behind it (UPD-4)', () => {
    const stream = enqueued(update('u1', 'finished'), update('u2', 'running'), update('u3', 'killed'));
    const acked = acknowledge(stream, 'u1', { at: 1, open });
    expect(acked).toMatchObject({ result: 'closed' });
    expect(acked.send).toBeUndefined();
    expect(inFlight(acked.stream)).toBeUndefined();
    expect(nextResend(acked.stream)).toBeUndefined();
  });

  it('takes an update once, whether it waits or was acknowledged (UPD-5)', () => {
    const stream = enqueued(update('u1'), update('u2'));
    expect(enqueue(stream, update('u2'), { at: 1, open })).toEqual({ stream });
    const after = acknowledge(stream, 'u1', { at: 1, open }).stream;
    expect(enqueue(after, update('u1'), { at: 1, open })).toEqual({ stream: after });
  });

  it('remembers only the latest acknowledged uuids: a long life does not grow it', () => {
    let stream = emptyStream;
    for (let i = 0; i < 1000; i += 1) {
      stream = enqueue(stream, update(`u${i}`), { at: i, open }).stream;
      stream = acknowledge(stream, `u${i}`, { at: i, open }).stream;
    }
    expect(JSON.stringify(stream).length).toBeLessThan(1000);
    expect(enqueue(stream, update('u999'), { at: 1000, open }).send).toBeUndefined();
  });

  it('is quiet while the way is closed, and sends at once when it opens (UPD-8)', () => {
    const paused = pause(enqueued(update('u1')));
    expect(nextResend(paused)).toBeUndefined();
    expect(resend(paused, 1e9).send).toBeUndefined();
    expect(pause(paused)).toBe(paused);
    const queued = enqueue(paused, update('u2', 'finished'), { at: 20_000, open: false });
    expect(queued.send).toBeUndefined();
    const resumed = resume(queued.stream, 50_000);
    expect(resumed.send?.uuid).toBe('u1');
    expect(nextResend(resumed.stream)).toBe(60_000);
    expect(resume(emptyStream, 0)).toEqual({ stream: emptyStream });
  });

  it('does not send the next one when it was acknowledged while the way is closed', () => {
    const stream = pause(enqueued(update('u1'), update('u2')));
    const acked = acknowledge(stream, 'u1', { at: 0, open: false });
    expect(acked.send).toBeUndefined();
    expect(inFlight(acked.stream)?.uuid).toBe('u2');
  });
});

describe('the reports of a stream', () => {
  const of = { agent: 'a1', framework: 'F1', task: '__proto__' };

  it('say the latest state only where it is another (TASK-7)', () => {
    expect(statusReport(of, update('u1'))).toEqual({ type: 'status', ...of, ...update('u1') });
    expect(statusReport(of, update('u1'), 'running')).not.toHaveProperty('latestState');
    expect(statusReport(of, update('u1'), 'finished')).toMatchObject({ state: 'running', latestState: 'finished' });
  });

  it('without an update say nothing else', () => {
    expect(latestStateReport(of, 'finished')).toEqual({ type: 'status', ...of, latestState: 'finished' });
  });
});

describe('any history of a stream', () => {
  type Act =
    | { readonly type: 'enqueue'; readonly uuid: number; readonly state: TaskState }
    | { readonly type: 'ack' | 'bad-ack' | 'pause' | 'resume' | 'tick' };
  const act: fc.Arbitrary<Act> = fc.oneof(
    fc.record({
      type: fc.constant('enqueue' as const),
      uuid: fc.nat(20),
      state: fc.constantFrom<TaskState>('starting', 'running', 'killing', 'finished'),
    }),
    fc.constantFrom('ack', 'bad-ack', 'pause', 'resume', 'tick').map((type) => ({ type })),
  );

  it('has one update in flight, the oldest, with the same uuid each time, and delivers all up to a terminal one (UPD-2 … 4)', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
        let stream = emptyStream;
        let isOpen = true;
        let at = 0;
        let closed = false;
        let accepted: string[] = [];
        const delivered: string[] = [];
        const take = (step: StreamStep): void => {
          expect(isOpen || step.send === undefined).toBe(true);
          if (step.send !== undefined) expect(step.send).toBe(inFlight(step.stream));
          stream = step.stream;
        };
        for (const it of acts) {
          at += 1000;
          if (it.type === 'enqueue') {
            const uuid = `u${it.uuid}`;
            const before = stream.pending.length;
            take(enqueue(stream, update(uuid, it.state), { at, open: isOpen }));
            if (stream.pending.length > before) accepted.push(uuid);
          } else if (it.type === 'ack') {
            const front = inFlight(stream);
            if (front === undefined) continue;
            const acked = acknowledge(stream, front.uuid, { at, open: isOpen });
            expect(acked.result).toBe(isTerminal(front.state) ? 'closed' : 'accepted');
            delivered.push(front.uuid);
            if (acked.result === 'closed') {
              closed = true;
              break;
            }
            take(acked);
          } else if (it.type === 'bad-ack') {
            expect(acknowledge(stream, 'never', { at, open: isOpen }).result).toBe('unexpected');
          } else if (it.type === 'tick') {
            take(resend(stream, at));
          } else if (it.type === 'pause') {
            isOpen = false;
            take({ stream: pause(stream) });
          } else {
            isOpen = true;
            take(resume(stream, at));
          }
          // Something is due exactly when something is in flight.
          expect(nextResend(stream) !== undefined).toBe(isOpen && inFlight(stream) !== undefined);
          // A stream that was written down goes on alike (UPD-8).
          expect(JSON.parse(JSON.stringify(stream))).toEqual(stream);
        }
        if (!closed) {
          for (let front = inFlight(stream); front !== undefined; front = inFlight(stream)) {
            const acked = acknowledge(stream, front.uuid, { at, open: true });
            delivered.push(front.uuid);
            stream = acked.stream;
          }
        }
        accepted = accepted.slice(0, delivered.length);
        expect(delivered).toEqual(accepted);
      }),
    );
  });
});
