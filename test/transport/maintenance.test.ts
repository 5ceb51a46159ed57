/** Maintenance as a scheduler, an agent and an operator live through it (MNT-1 … 5, INV-1). */
import { describe, expect, it } from 'vitest';
import { maintenance, violation, type InverseOffer } from '../../src/cluster/index.js';
import { createMaster, type AgentEvent, type OfferEvent } from '../../src/master/index.js';
import { manualClock, memoryTransport } from '../../src/transport/index.js';

const HOUR_MS = 3_600_000;

describe('a scheduler that is asked to leave a machine', () => {
  it('says that it will, ends its task, and the machine goes down and comes up', async () => {
    const clock = manualClock();
    const memory = memoryTransport({ clock });
    const master = createMaster({ clock, transports: [memory] });
    const agentEvents: AgentEvent[] = [];
    const offerEvents: OfferEvent[] = [];
    master.on('agent', (event) => agentEvents.push(event));
    master.on('offer', (event) => offerEvents.push(event));
    const agent = memory.agent('a1', 'cpus:4;mem:4096', { hostname: 'rack7-3', ip: '10.0.7.3' });
    const asked: InverseOffer[] = [];
    const tasks = ['t1'];
    const ended: string[] = [];
    master.subscribe(
      { name: 'etl', roles: ['etl'] },
      {
        offers(offers, driver) {
          for (const offer of offers) {
            const id = offer.unavailability === undefined ? tasks.shift() : undefined;
            if (id === undefined) driver.decline(offer, { refuseSeconds: 60 });
            else driver.launch(offer, { id, resources: 'cpus:4;mem:4096', payload: {} });
          }
        },
        inverseOffers(offers, driver) {
          asked.push(...offers);
          driver.acceptInverseOffers(offers, { refuseSeconds: 600 });
          driver.kill('t1');
        },
        update: ({ task, state, terminal }) => void (terminal && ended.push(`${task} ${state}`)),
      },
    );
    await clock.settle();
    agent.running('t1');
    await clock.settle();

    const unavailability = { start: clock.now() + HOUR_MS, durationMs: HOUR_MS };
    const windows = [{ machines: [{ hostname: 'RACK7-3', ip: '10.0.7.3' }], unavailability }];
    await master.control({ type: 'set-maintenance', windows });
    await clock.settle();
    expect(asked).toMatchObject([{ agent: 'a1', hostname: 'rack7-3', unavailability }]);
    expect(maintenance(master.state).draining).toMatchObject([
      { agents: [{ agent: 'a1', responses: [{ response: 'accept', holds: true }] }] },
    ]);
    agent.killed('t1');
    await clock.settle();
    expect(ended).toEqual(['t1 killed']);
    await clock.advance(5_000);
    expect(maintenance(master.state).draining[0]?.agents[0]?.responses).toMatchObject([
      { response: 'accept', holds: false },
    ]);

    await expect(master.control({ type: 'machine-down', machines: [{ hostname: 'rack7-3' }] })).rejects.toMatchObject({
      code: 'machine-not-scheduled',
      path: 'machines[0]',
    });
    const machines = [{ hostname: 'rack7-3', ip: '10.0.7.3' }];
    await master.control({ type: 'machine-down', machines });
    await clock.settle();
    expect(agent.state.link.state).toBe('ended');
    expect(agentEvents.at(-1)).toEqual({ type: 'removed', agent: 'a1' });
    expect(maintenance(master.state)).toMatchObject({ draining: [], down: [{ hostname: 'RACK7-3' }] });

    const early = memory.agent('a2', 'cpus:4;mem:4096', { hostname: 'rack7-3', ip: '10.0.7.3' });
    await clock.settle();
    expect(agentEvents.at(-1)).toMatchObject({ type: 'refused', agent: 'a2', code: 'machine-down' });
    expect(early.state.link.state).toBe('ended');

    await master.control({ type: 'machine-up', machines });
    memory.agent('a3', 'cpus:4;mem:4096', { hostname: 'rack7-3', ip: '10.0.7.3' });
    await clock.settle();
    expect(agentEvents.at(-1)).toEqual({ type: 'registered', agent: 'a3' });
    expect(maintenance(master.state)).toEqual({ windows: [], draining: [], down: [] });
    expect(offerEvents.filter(({ type }) => type.startsWith('inverse'))).toMatchObject([
      { type: 'inverse-offered', framework: asked[0]?.framework, offer: { id: asked[0]?.id } },
    ]);
    expect(violation(master.state)).toBeUndefined();
    await master.close();
  });

  it('hears when the question is void, and may say no', async () => {
    const clock = manualClock();
    const memory = memoryTransport({ clock });
    const master = createMaster({ clock, transports: [memory] });
    const events: OfferEvent[] = [];
    master.on('offer', (event) => events.push(event));
    memory.agent('a1', 'cpus:4;mem:4096');
    const heard: string[] = [];
    const driver = master.subscribe(
      { name: 'etl', roles: ['etl'] },
      {
        offers: (offers) => void heard.push(...offers.map(({ id }) => `offer ${id}`)),
        rescind: (offer) => void heard.push(`rescind ${offer}`),
        inverseOffers: (offers) => void heard.push(...offers.map(({ id }) => `asked ${id}`)),
        rescindInverseOffer: (offer) => void heard.push(`not asked ${offer}`),
      },
    );
    await clock.settle();
    const windows = [{ machines: [{ hostname: 'a1' }], unavailability: { start: HOUR_MS } }];
    await master.control({ type: 'set-maintenance', windows });
    await clock.settle();
    await master.control({ type: 'set-maintenance', windows: [] });
    await clock.settle();
    await master.control({ type: 'set-maintenance', windows });
    await clock.settle();
    const ids = heard.map((line) => line.replace(/\S+-O/, 'O'));
    expect(ids).toEqual([
      'offer O0',
      'rescind O0',
      'offer O1',
      'asked O2',
      'rescind O1',
      'not asked O2',
      'offer O3',
      'rescind O3',
      'offer O4',
      'asked O5',
    ]);
    expect(events.map(({ type }) => type).filter((type) => type.startsWith('inverse'))).toEqual([
      'inverse-offered',
      'inverse-rescinded',
      'inverse-offered',
    ]);
    driver.declineInverseOffers(heard.at(-1)?.slice('asked '.length) ?? '', { refuseSeconds: 3 });
    await clock.advance(2_000);
    expect(maintenance(master.state).draining[0]?.agents[0]?.responses).toMatchObject([{ response: 'decline' }]);
    await clock.advance(2_000);
    expect(heard.at(-1)).toMatch(/^asked .*O6$/);
    await master.close();
  });
});
